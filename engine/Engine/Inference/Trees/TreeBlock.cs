using System.Runtime.InteropServices;

namespace Engine.Inference.Trees;

/// <summary>
/// Three levels of a tree in a cache line: seven questions and eight exits, whatever the shape of what it holds. Questions are
/// numbered as in a heap: 1 is the first, 2i follows i after a yes and 2i + 1 after a no, and 8 to 15 are the exits. A leaf above
/// the third level owns all exits below it.
/// </summary>
/// <remarks>
/// <code>
///   0           8         16             48             56          60
///   | column[8] | rank[8] | leaf float[8] | children 8 B | childMask | nanIsNo | spare
/// </code>
/// Question i is answered no when the rank in column[i] is above rank[i]; slot 0 asks nothing. Exit i gives leaf[i − 8], or goes
/// on in the block at children + (64i &amp; childMask): eight blocks in a row; or, where nothing goes on, the block itself, so that
/// it may be walked again and again.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
internal unsafe struct TreeBlock
{
    /// <summary>Levels.</summary>
    public const int Levels = 3;

    /// <summary>Exits, and slots for questions.</summary>
    public const int Exits = 1 << Levels;

    /// <summary>Size.</summary>
    public const int Bytes = 64;

    /// <summary>Bytes of the questions.</summary>
    public const int QuestionBytes = 2 * Exits;

    /// <summary>What an exit's number times 4 is added to for its leaf: exit 8 is the first.</summary>
    public const int LeafOffset = QuestionBytes - (Exits * sizeof(float));

    /// <summary>Columns of the questions.</summary>
    // SAFETY: eight elements each, indexed below 8.
    [FieldOffset(0)]
    public fixed byte Columns[Exits];

    /// <summary>Ranks that are still a yes.</summary>
    [FieldOffset(8)]
    public fixed byte Ranks[Exits];

    /// <summary>Values by exit.</summary>
    [FieldOffset(QuestionBytes)]
    public fixed float Leaves[Exits];

    /// <summary>The address 512 bytes before the block behind exit 8; or, where nothing goes on, this block's.</summary>
    [FieldOffset(48)]
    public long Children;

    /// <summary>All ones where there is a block behind every exit, else 0.</summary>
    [FieldOffset(56)]
    public int ChildMask;

    /// <summary>A bit for each question that NaN answers with no although it ranks below.</summary>
    [FieldOffset(60)]
    public byte NanIsNo;
}

/// <summary>
/// The first blocks of eight trees side by side, each array in tree order: what is read of all of them whatever the row.
/// </summary>
/// <remarks>
/// <code>
///   0                64             128              192               256          264
///   | column[8 × 8]  | rank[8 × 8]  | children[8]    | childMask[8]    | nanIsNo[8]  | rounds | spare
/// </code>
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 320)]
internal unsafe struct TreeBatch
{
    /// <summary>Trees.</summary>
    public const int Trees = 8;

    /// <summary>Columns of the questions, eight a tree.</summary>
    // SAFETY: the arrays are indexed below their lengths.
    [FieldOffset(0)]
    public fixed byte Columns[Trees * TreeBlock.Exits];

    /// <summary>Ranks that are still a yes.</summary>
    [FieldOffset(64)]
    public fixed byte Ranks[Trees * TreeBlock.Exits];

    /// <summary>As <see cref="TreeBlock.Children"/>.</summary>
    [FieldOffset(128)]
    public fixed long Children[Trees];

    /// <summary>As <see cref="TreeBlock.ChildMask"/>.</summary>
    [FieldOffset(192)]
    public fixed long ChildMask[Trees];

    /// <summary>As <see cref="TreeBlock.NanIsNo"/>.</summary>
    [FieldOffset(256)]
    public fixed byte NanIsNo[Trees];

    /// <summary>Blocks on the longest way to a leaf of one of the trees.</summary>
    [FieldOffset(264)]
    public int Rounds;
}
