using Engine.Recording;
using Engine.Signals;

namespace Engine.Host.Replay;

/// <summary>A recorder whose failure ends the run at once, and not only when its ring is full. On the recording thread.</summary>
internal sealed class RecorderGuard(IPredictionRecorder recorder, RunWatch watch) : IPredictionRecorder
{
    private Exception? _failure;

    /// <summary>What it threw first; null while all is well.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    /// <inheritdoc/>
    public long Predictions => recorder.Predictions;

    /// <inheritdoc/>
    public ulong Digest => recorder.Digest;

    /// <inheritdoc/>
    public ModelTally Tally(int model) => recorder.Tally(model);

    /// <inheritdoc/>
    public void Append(ref Prediction prediction)
    {
        try
        {
            recorder.Append(ref prediction);
        }
        catch (Exception e)
        {
            Fail(e);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
        try
        {
            recorder.Flush();
        }
        catch (Exception e)
        {
            Fail(e);
            throw;
        }
    }

    private void Fail(Exception e)
    {
        Interlocked.CompareExchange(ref _failure, e, null);
        watch.Halt();
    }
}
