namespace Engine.Host;

/// <summary>Exit codes of every command.</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>A fault in the data: a cut file, a failed verification, a symbol that never occurs.</summary>
    public const int Data = 1;

    /// <summary>Usage, configuration, a missing library.</summary>
    public const int Usage = 2;
}
