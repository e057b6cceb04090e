using Engine.Feeds.IexDeep;
using Engine.Feeds.Itch;
using Engine.Feeds.Xdp;
using Engine.Fuzz.Generators;

namespace Engine.Fuzz.Targets;

/// <summary>All targets. One more is a class behind <see cref="IFuzzTarget"/> and a line here.</summary>
internal static class FuzzTargets
{
    /// <summary>The name that stands for every target but the broken ones.</summary>
    public const string All = "all";

    private static readonly Func<IFuzzTarget>[] s_targets =
    [
        Itch,
        Xdp,
        Iex,
        () => new PacketTarget("sessions", new MoldGenerator { IsOrderly = true }, (options, counts, ended) => new ItchFeed(options, counts, ended), 16),
        () => new FrameTarget(),
        () => new CaptureTarget(new PcapGenerator()),
        () => new CaptureTarget(new PcapngGenerator()),
        () => new DayFileTarget(),
        () => new FileTarget(),
        () => new Hdf5Target(),
        () => new DbnTarget(),
        () => new LobsterTarget(),
        () => new BitMexTarget(),
        () => new SoupTarget(),
        () => new RecoveryTarget(),
        () => new RecordingTarget(),
        () => new BooksTarget(Itch(), Xdp(), Iex(), new DayFileTarget(), new DbnTarget(), new LobsterTarget(), new BitMexTarget(), new RecoveryTarget(), new RecordingTarget()),
    ];

    /// <summary>Runs of their own, too long to be among <see cref="All"/>.</summary>
    private static readonly Func<IFuzzTarget>[] s_long = [() => new BookOracleTarget()];

    /// <summary>Decoders with a known fault each, which the harness must catch: not among <see cref="All"/>.</summary>
    private static readonly Func<IFuzzTarget>[] s_broken =
    [
        () => new BrokenTarget("broken-overread", BrokenTarget.Overread),
        () => new BrokenTarget("broken-underread", BrokenTarget.Underread),
        () => new BrokenTarget("broken-loop", BrokenTarget.Loop),
        () => new BrokenTarget("broken-count", BrokenTarget.Miscount),
        () => new BrokenTarget("broken-throw", BrokenTarget.Throw),
        () => new BrokenTarget("broken-leak", BrokenTarget.Leak),
    ];

    /// <summary>The names that <c>--target</c> takes.</summary>
    public static IEnumerable<string> Names => s_targets.Concat(s_long).Select(make => make().Name).Prepend(All);

    /// <summary>The targets of a name; none for an unknown one.</summary>
    public static IFuzzTarget[] Named(string name) => name == All
        ? [.. s_targets.Select(make => make())]
        : [.. s_targets.Concat(s_long).Concat(s_broken).Select(make => make()).Where(target => target.Name == name)];

    private static PacketTarget Itch() => new("itch50", new MoldGenerator(), (options, counts, ended) => new ItchFeed(options, counts, ended), 32);

    private static PacketTarget Xdp() => new("xdp", new XdpGenerator(), (options, counts, ended) => new XdpFeed(options, counts, ended), 32);

    private static PacketTarget Iex() => new("iex-deep", new IexGenerator(), (options, counts, ended) => new IexFeed(options, counts, ended), 32);
}
