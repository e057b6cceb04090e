namespace Engine.Feeds;

/// <summary>Why the end of a source was not a clean one. Everything before it counts.</summary>
/// <param name="Path">The file as the user named it.</param>
/// <param name="Offset">Byte offset of the damage in the file's content (after decompression), or −1 where none applies.</param>
/// <param name="Sentence">One line for people: what, where, what to do.</param>
public sealed record SourceFault(string Path, long Offset, string Sentence);
