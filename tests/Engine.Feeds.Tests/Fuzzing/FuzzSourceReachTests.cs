using Engine.Fuzz.Running;
using Engine.Fuzz.Targets;

namespace Engine.Feeds.Tests.Fuzzing;

/// <summary>The generators of files, recovery and books reach what they are for.</summary>
public class FuzzSourceReachTests
{
    [TestCase("binaryfile", 1, "short_messages", "long_messages", "unknown_messages", "bad_side", "refused_instruments", "trailing_bytes")]
    [TestCase("dbn", 4, "unknown_messages", "short_messages", "long_messages", "bad_actions", "bad_side", "passed_over_records", "level_records",
        "unsorted_levels", "undefined_times", "unmapped_messages", "trailing_bytes")]
    [TestCase("lobster", 2, "bad_side", "bad_lines", "bad_rows", "bad_actions", "unsorted_levels", "trailing_bytes")]
    [TestCase("bitmex", 3, "gaps", "unknown_ids", "known_ids", "crossed_messages", "rows_before_partial", "shadowed_rows", "bad_rows", "long_symbol_rows",
        "unexpected_rows", "unknown_keys", "too_fine_numbers", "too_large_numbers", "bad_times", "bad_match_ids", "malformed_lines", "bad_time_lines",
        "malformed_messages", "nested_messages", "shapeless_messages", "repeated_properties", "reopened", "outages", "refused_connections")]
    [TestCase("recovery", 30, "gaps", "lost", "duplicates", "restarts", "holes", "missing", "recovered", "hold_overflows", "requests", "reply_packets",
        "snapshots", "useless_snapshots", "refused_packets", "held_packets", "snapshot_messages", "messages_cut_off", "orderly", "hostile")]
    [TestCase("recording", 2, "restarts", "snapshots", "useless_snapshots", "reply_packets", "requests", "holes", "missing", "recovered", "gaps", "lost",
        "duplicates", "damaged_blocks", "no_interface_packets", "other_link_packets", "messages_cut_off")]
    [TestCase("books", 20, "Applied", "NotABookEvent", "UnknownOrder", "UnknownLevel", "DuplicateOrder", "ExceedsOrder", "BadValue", "MixedLevel",
        "LevelLimit", "InstrumentLimit", "rows", "crossed", "compared orders", "compared levels")]
    public void Sources_reach_their_counters(string name, int batches, params string[] wanted)
    {
        var target = (IEventTarget)FuzzTargets.Named(name).Single();
        Dictionary<string, long> reach = target.Reach = [];
        for (ulong seed = 1; seed <= (ulong)batches; seed++)
        {
            target.Run(new FuzzBatch(seed, target.CasesPerBatch, 0, null));
        }

        TestContext.Out.WriteLine(string.Join(", ", reach.Where(one => one.Value > 0).Select(one => $"{one.Key} {one.Value:N0}")));
        Assert.That(reach.Where(one => one.Value > 0).Select(one => one.Key), Is.SupersetOf(wanted));
    }
}
