using System.Runtime;
using System.Runtime.InteropServices;
using Engine.Core.Threads;
using Engine.Host.Commands;
using Engine.Host.Replay;

namespace Engine.Host.Live;

/// <summary>
/// On SIGHUP reads the model files of a live run again, on a cold thread, and offers to the run those that have changed. All of
/// them or none: a file that is refused leaves every model in its place.
/// </summary>
internal sealed class ModelReloader : IDisposable
{
    // What loading may allocate before a collection would stop the hot threads too.
    private const long QuietBytes = 128L << 20;

    private readonly ReplayEngine _engine;
    private readonly ReplayOptions _options;
    private readonly Action<string> _tell;
    private readonly string[] _hashes;
    private readonly PosixSignalRegistration _signal;
    private PreparedSwap[] _offered = [];
    private HotThread? _loader;
    private string? _refusal;
    private int _asked;

    /// <param name="engine">The run.</param>
    /// <param name="options">Its options, which name the files.</param>
    /// <param name="tell">Told in an operator's words what came of it.</param>
    public ModelReloader(ReplayEngine engine, ReplayOptions options, Action<string> tell)
    {
        _engine = engine;
        _options = options;
        _tell = tell;
        _hashes = [.. engine.Models.All.Select(a => a.Sha256)];
        _signal = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            Interlocked.Exchange(ref _asked, 1);
        });
    }

    /// <summary>Begins what was asked for, and tells what has ended; a few times a second.</summary>
    public void Tick()
    {
        if (_loader is { IsRunning: true })
        {
            return;
        }

        if (_loader is not null)
        {
            _loader = null;
            _tell(_refusal ?? (_offered.Length == 0 ? "the model files are as they were; nothing is swapped" : $"{_offered.Length} of {_hashes.Length} model files changed and are proven; they take their places before the next event"));
        }

        if (_offered.Length > 0 && Array.TrueForAll(_offered, s => s.IsApplied))
        {
            foreach (PreparedSwap swap in _offered)
            {
                _tell(SwapText.Of(swap));
            }

            _offered = [];
        }

        if (_offered.Length == 0 && Interlocked.Exchange(ref _asked, 0) != 0)
        {
            if (_options.BackgroundPin is not null)
            {
                _tell("the models are left as they are: another thread works for those that run (background_pin), and cannot for others; start anew, or leave it out");
                return;
            }

            _loader = HotThread.Start(new ThreadWish { Role = "load", Cpu = PinRules.Cold(_options) }, Load);
        }
    }

    /// <summary>Waits for what is being loaded.</summary>
    public void Dispose()
    {
        _signal.Dispose();
        _loader?.Wait(Timeout.InfiniteTimeSpan);
    }

    /// <summary>Has the heap grow for a while instead of being collected; false where it cannot, and loading goes on all the same.</summary>
    private static bool TryBeQuiet()
    {
        try
        {
            return GC.TryStartNoGCRegion(QuietBytes, true);
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or InvalidOperationException)
        {
            return false;
        }
    }

    private void Load()
    {
        bool isQuiet = TryBeQuiet();
        _refusal = null;
        try
        {
            SwapRequest[] requests = [.. _options.Models.Select((path, place) => new SwapRequest(place, path, long.MaxValue, long.MaxValue))
                .Where(r => InputFile.Sha256(r.Path) != _hashes[r.Place])];
            PreparedSwap[] swaps = _engine.Models.PrepareAll(requests);
            foreach (PreparedSwap swap in swaps)
            {
                _hashes[swap.Place] = swap.Sha256;
            }

            _offered = swaps;
            if (swaps.Length > 0)
            {
                _engine.Swapper.Offer(swaps);
            }
        }
        catch (Exception e)
        {
            _refusal = $"the models stay as they are: {e.Message.ReplaceLineEndings(" ")}";
        }
        finally
        {
            if (isQuiet && GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
            {
                GC.EndNoGCRegion();
            }
        }
    }
}
