using System.Globalization;
using System.Runtime.Intrinsics;
using Engine.Inference;
using Engine.Inference.Kernels;
using Engine.Training.Networks;

namespace Engine.Training.Backends.Cpu;

/// <summary>
/// Training on the CPU: any number of threads and any instruction set give the same bits, since a batch is cut into the same chunks
/// everywhere, their gradients are summed in chunk order, and no sum depends on the width of a register.
/// </summary>
public sealed class CpuBackend : ITrainingBackend
{
    private readonly WorkerTeam _team;
    private readonly Kernel _kernel;
    private readonly int _burstSteps;

    /// <param name="threads">Threads, the caller's included; 0 for one a CPU of this process.</param>
    /// <param name="kernel">The instruction set; null for the one that the environment asks for, or the best.</param>
    /// <param name="groupSize">Networks side by side: in turn, in a group that a device would train at once. No result depends on it.</param>
    /// <param name="burstSteps">Steps of a burst. No result depends on it.</param>
    /// <exception cref="KernelUnavailableException">This process cannot run the kernel.</exception>
    public CpuBackend(int threads = 0, Kernel? kernel = null, int groupSize = 1, int burstSteps = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(groupSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(groupSize, ITrainingBackend.MaxGroup);
        ArgumentOutOfRangeException.ThrowIfLessThan(burstSteps, 1);
        (GroupSize, _burstSteps) = (groupSize, burstSteps);
        _kernel = kernel ?? KernelChoice.FromEnvironment();
        if (!KernelChoice.IsSupported(_kernel))
        {
            throw new KernelUnavailableException($"Kernel {KernelChoice.Name(_kernel)} cannot run here; the best is {KernelChoice.Name(KernelChoice.Best)}.");
        }

        _team = new WorkerTeam(threads == 0 ? Math.Min(WorkerTeam.MaxWorkers, Environment.ProcessorCount) : threads);
    }

    /// <summary>Threads, the caller's included.</summary>
    public int Threads => _team.Workers;

    /// <inheritdoc/>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"cpu-{KernelChoice.Name(_kernel)} ×{Threads}");

    /// <inheritdoc/>
    public int GroupSize { get; }

    /// <inheritdoc/>
    public bool IsRounding => false;

    /// <inheritdoc/>
    public ITrainingGroup CreateGroup(NetworkSpec network, IReadOnlyList<GroupMember> members) => new CpuGroup(this, network, members, _burstSteps);

    /// <inheritdoc/>
    public void Dispose() => _team.Dispose();

    /// <summary>One network's session.</summary>
    /// <exception cref="ArgumentException">Network, rows and options do not fit.</exception>
    internal CpuSession CreateSession(NetworkSpec network, TrainingRows rows, StepOptions options) => _kernel switch
    {
        Kernel.Avx512 => Create<LanesAvx512, Vector512<float>>(network, rows, options),
        Kernel.Avx2 => Create<LanesAvx2, Vector256<float>>(network, rows, options),
        _ => Create<LanesScalar, float>(network, rows, options),
    };

    private CpuSession Create<TLanes, TVector>(NetworkSpec network, TrainingRows rows, StepOptions options)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => network switch
        {
            SiloSpec silo => new CpuSiloSession<TLanes, TVector>(silo, rows, options, _team, _kernel),
            LstmSpec lstm => new CpuLstmSession<TLanes, TVector>(lstm, rows, options, _team, _kernel),
            _ => throw new ArgumentException($"{network.GetType().Name} is no network that is trained here.", nameof(network)),
        };
}
