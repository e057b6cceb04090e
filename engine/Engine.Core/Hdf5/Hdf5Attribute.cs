namespace Engine.Core.Hdf5;

/// <summary>An attribute that was read.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Shape">Its dimensions; none for a single value.</param>
/// <param name="Values">Its values as text, one an element; empty when <paramref name="Unread"/> says why.</param>
/// <param name="Unread">Why there are no values; null where there are.</param>
public sealed record Hdf5Attribute(string Name, Hdf5Type Type, IReadOnlyList<long> Shape, IReadOnlyList<string> Values, string? Unread);
