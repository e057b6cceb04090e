using Engine.Signals;

namespace Engine.Host.Replay;

/// <summary>A model that took another's place, in words.</summary>
internal static class SwapText
{
    /// <summary>Which, where and from when on; or that it never came to it.</summary>
    public static string Of(PreparedSwap swap)
    {
        ref ModelRecord record = ref ModelRecord.Of(ref swap.Record);
        return swap.IsApplied
            ? FormattableString.Invariant($"model {record.Model} ({swap.Sha256[..16]}…) for model {record.Replaced} from event {record.Event:N0} on, time {record.ExchangeTime}")
            : FormattableString.Invariant($"model {record.Model} ({swap.Sha256[..16]}…) never took its place: no event came when it was due");
    }
}
