using Engine.Core.Threads;

namespace Engine.Host.Replay;

/// <summary>Which CPUs a run's threads may be given.</summary>
internal static class PinRules
{
    /// <summary>Refuses CPUs that are not there, and more than there are threads.</summary>
    public static void Check(ReplayOptions options)
    {
        int[] cpus = CpuPlacement.Available();
        foreach (int pin in options.Pins)
        {
            if (!cpus.Contains(pin))
            {
                throw new HostException(ExitCodes.Usage, $"--pin {pin}: this process may use CPUs {string.Join(",", cpus)}");
            }
        }

        int most = options.Topology == Topology.Fused ? 2 : 3;
        if (options.Pins.Count > most)
        {
            throw new HostException(ExitCodes.Usage, options.Topology == Topology.Fused
                ? "--pin: fused takes the compute thread's CPU, and the recording thread's if you like: --pin 1 or --pin 1,0"
                : "--pin: split takes three CPUs, receive, compute, record: --pin 0,1,0");
        }
    }

    /// <summary>The CPU of what is not hot: recording, loading; null where it is left to the scheduler.</summary>
    public static int? Cold(ReplayOptions options)
    {
        int index = options.Topology == Topology.Fused ? 1 : 2;
        return options.Pins.Count > index ? options.Pins[index] : null;
    }

    /// <summary>Whether the receiving thread has no core to spin on: the computing one spins, and may have the only one, or the same.</summary>
    public static bool SharesCore(ReplayOptions options) => options.Topology == Topology.Split
        && (Environment.ProcessorCount < 2 || (options.Pins.Count > 1 && options.Pins[0] == options.Pins[1]));
}
