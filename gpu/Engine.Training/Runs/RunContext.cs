using Engine.Core.Time;
using Engine.Training.Backends;

namespace Engine.Training.Runs;

/// <summary>How far a run is.</summary>
/// <param name="Model">The model at hand.</param>
/// <param name="Round">The round at hand.</param>
/// <param name="Epoch">The epoch (of trees: the tree) at hand, from 0.</param>
/// <param name="Epochs">Most of them.</param>
/// <param name="Step">Steps of the epoch that are done.</param>
/// <param name="Steps">Steps of an epoch.</param>
/// <param name="Loss">Mean of the epoch so far.</param>
/// <param name="ValidLoss">The last validation loss; NaN before there is one.</param>
/// <param name="SamplesPerSecond">Speed; 0 where it is not measured.</param>
/// <param name="Left">Until the last epoch's end, at that speed.</param>
public readonly record struct RunProgress(
    string Model, string Round, int Epoch, int Epochs, int Step, int Steps, double Loss, double ValidLoss, double SamplesPerSecond, TimeSpan Left);

/// <summary>Who is told of a run while it goes on.</summary>
public interface IRunObserver
{
    /// <summary>After every step.</summary>
    void At(in RunProgress progress);

    /// <summary>A line for people, when something is done.</summary>
    void Say(string line);
}

/// <summary>What every part of a run works with.</summary>
/// <param name="Rows">Rows and rounds.</param>
/// <param name="Folder">Where everything goes.</param>
/// <param name="Backend">What trains.</param>
/// <param name="Observer">Who is told.</param>
/// <param name="Clock">For speeds only.</param>
/// <param name="ToolVersion">What runs.</param>
/// <param name="Cancellation">Ends the run after the burst of steps at hand.</param>
internal sealed record RunContext(
    RunData Rows, RunFolder Folder, ITrainingBackend Backend, IRunObserver Observer, IClock Clock, string ToolVersion, CancellationToken Cancellation);
