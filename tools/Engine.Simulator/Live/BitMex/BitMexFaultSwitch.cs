namespace Engine.Simulator.Live.BitMex;

/// <summary>The faults that are asked for; any thread sets them.</summary>
internal sealed class BitMexFaultSwitch
{
    private volatile int _refuseStatus;
    private volatile int _retryAfterSeconds;
    private volatile int _cut;
    private volatile bool _isStalled;

    /// <summary>The status that every HTTP request is answered with; 0 while none is.</summary>
    public int RefuseStatus
    {
        get => _refuseStatus;
        set => _refuseStatus = value;
    }

    /// <summary>What a refusal asks for in its Retry-After; 0 asks nothing.</summary>
    public int RetryAfterSeconds
    {
        get => _retryAfterSeconds;
        set => _retryAfterSeconds = value;
    }

    /// <summary>Raised by one, every client's next data message is cut in the middle.</summary>
    public int Cut
    {
        get => _cut;
        set => _cut = value;
    }

    /// <summary>Whether the server says nothing to anybody.</summary>
    public bool IsStalled
    {
        get => _isStalled;
        set => _isStalled = value;
    }
}
