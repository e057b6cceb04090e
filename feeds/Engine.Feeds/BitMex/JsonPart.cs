namespace Engine.Feeds.BitMex;

/// <summary>What a scan found.</summary>
internal enum JsonState : byte
{
    /// <summary>One well-formed value, and white space.</summary>
    Good,

    /// <summary>It ends before its value does.</summary>
    Cut,

    /// <summary>It is no JSON.</summary>
    Bad,

    /// <summary>It is nested deeper than <see cref="JsonScan.MaxDepth"/>.</summary>
    TooDeep,
}

/// <summary>A value inside a text.</summary>
/// <param name="At">Its first byte; of a string, the opening quote.</param>
/// <param name="Length">Its bytes; 0 where there is no such value.</param>
internal readonly unsafe record struct JsonPart(nint At, int Length)
{
    /// <summary>Whether there is one.</summary>
    public bool IsThere => Length > 0;

    /// <summary>The first byte: <c>"</c>, <c>{</c>, <c>[</c>, a digit, …; 0 where there is no value.</summary>
    // SAFETY: whoever makes a part vouches for its bytes; nothing outside them is read.
    public byte First => Length > 0 ? *(byte*)At : (byte)0;

    /// <summary>The value.</summary>
    public ReadOnlySpan<byte> Span => new((byte*)At, Length);

    /// <summary>The text between the quotes; only of a string.</summary>
    public ReadOnlySpan<byte> Text => Span[1..^1];

    /// <summary>Whether it is a string without escapes, whose bytes are its text.</summary>
    public bool IsPlainText => First == (byte)'"' && !Span.Contains((byte)'\\');
}

/// <summary>Takes note of the properties of the outermost object.</summary>
internal interface IJsonTop
{
    /// <summary>A property of the outermost object, in the order of the text.</summary>
    /// <param name="name">Its name as it stands, escapes not resolved.</param>
    /// <param name="value">Its value.</param>
    void OnProperty(ReadOnlySpan<byte> name, JsonPart value);
}
