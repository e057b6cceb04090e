using Engine.Core.Time;

namespace Engine.Feeds.BitMex.Live;

/// <summary>What the connections of one session share.</summary>
/// <param name="Options">Bounds and waits.</param>
/// <param name="Clock">Gives lines their time.</param>
/// <param name="Inlet">Where lines go.</param>
/// <param name="Requests">What is asked of the server.</param>
/// <param name="Counters">What is seen.</param>
/// <param name="Problems">Told what goes wrong.</param>
/// <param name="Message">Room for the longest message, taken once.</param>
internal sealed record BitMexLinkContext(
    BitMexLiveOptions Options, IClock Clock, LineInlet Inlet, BitMexRequests Requests, BitMexLiveCounters Counters,
    BitMexProblems Problems, byte[] Message);
