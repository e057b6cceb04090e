namespace Engine.Feeds.BitMex.Live;

/// <summary>What goes wrong in a live session while it goes on, for people: how often, and the last in words. Any thread.</summary>
internal sealed class BitMexProblems
{
    private readonly Lock _gate = new();
    private long _count;
    private string _last = "";

    /// <summary>How many, and the last in one sentence.</summary>
    public (long Count, string Last) Told
    {
        get
        {
            lock (_gate)
            {
                return (_count, _last);
            }
        }
    }

    /// <summary>Something went wrong.</summary>
    public void Add(string words)
    {
        lock (_gate)
        {
            _count++;
            _last = words;
        }
    }
}
