using Engine.Fuzz.Running;

namespace Engine.Fuzz.Targets;

/// <summary>Something that must stand any input. Registered in <see cref="FuzzTargets"/>.</summary>
internal interface IFuzzTarget
{
    /// <summary>The name that <c>--target</c> takes.</summary>
    string Name { get; }

    /// <summary>Cases that share one state.</summary>
    int CasesPerBatch { get; }

    /// <summary>Its part of <c>--target all</c>, in batches.</summary>
    int Weight { get; }

    /// <summary>Runs a batch: begins each case (<see cref="FuzzBatch.Begin"/>) and throws <see cref="FuzzException"/> where one fails.</summary>
    void Run(FuzzBatch batch);
}
