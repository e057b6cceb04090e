namespace Engine.Training.Kernels;

/// <summary>A number that is known when a kernel is compiled.</summary>
internal interface IWidth
{
    /// <summary>The number.</summary>
    static abstract int Value { get; }
}

/// <summary>1.</summary>
internal readonly struct One : IWidth
{
    /// <inheritdoc/>
    public static int Value => 1;
}

/// <summary>2.</summary>
internal readonly struct Two : IWidth
{
    /// <inheritdoc/>
    public static int Value => 2;
}

/// <summary>4.</summary>
internal readonly struct Four : IWidth
{
    /// <inheritdoc/>
    public static int Value => 4;
}
