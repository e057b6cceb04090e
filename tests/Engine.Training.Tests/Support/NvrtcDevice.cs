using System.Runtime.InteropServices;
using Engine.Training.Devices;
using Engine.Training.Devices.Cuda;

namespace Engine.Training.Tests.Support;

/// <summary>
/// A device with the limits of an NVIDIA H200 that compiles with the real NVRTC and runs nothing: memory is the host's, launches are only held against what
/// the machine code takes. So kernels and the sizes they are launched with are seen to fit a GPU where there is none.
/// </summary>
internal sealed class NvrtcDevice(string architecture = "sm_90") : ComputeDevice
{
    private const int Registers = 65_536;
    private const int RegisterUnit = 256;
    private const int WarpItems = 32;

    /// <inheritdoc/>
    public override DeviceInfo Info { get; } = new()
    {
        Api = DeviceApi.Cuda,
        Index = 0,
        Name = "a GPU that is not there",
        Platform = "NVRTC",
        Driver = "none",
        GlobalBytes = 141L << 30,
        LocalBytes = 227 * 1_024,
        MaxGroupSize = 1_024,
        ComputeUnits = 132,
        HasFloat64 = true,
        HasTf32 = true,
        Architecture = architecture,
    };

    /// <summary>What was compiled.</summary>
    public List<CudaImage> Images { get; } = [];

    /// <summary>Kernels that were launched, with the most work items and local bytes of a group.</summary>
    public Dictionary<string, (int Items, int LocalBytes)> Launched { get; } = [];

    /// <inheritdoc/>
    public override DeviceBuffer Allocate(long bytes) => new HostBuffer(bytes);

    /// <inheritdoc/>
    public override PinnedMemory Pin(long bytes) => new HostMemory(bytes);

    /// <inheritdoc/>
    public override DeviceProgram Compile(KernelSource source)
    {
        CudaImage image = NvrtcCompiler.Compile(source, Info.Architecture);
        Images.Add(image);
        return new Program(image);
    }

    /// <inheritdoc/>
    public override DeviceQueue CreateQueue() => new Queue(this);

    /// <inheritdoc/>
    public override void Dispose()
    {
    }

    private sealed class Program(CudaImage image) : DeviceProgram
    {
        public override string Log => image.Log;

        public override DeviceKernel Kernel(string name) => image.Kernels.TryGetValue(name, out KernelRegisters? takes)
            ? new Kernel(name, takes)
            : throw new DeviceException($"the program has no kernel '{name}'");

        public override void Dispose()
        {
        }
    }

    private sealed class Kernel(string name, KernelRegisters takes) : DeviceKernel
    {
        public override string Name => name;

        public KernelRegisters Takes => takes;

        // Registers are given to warps, 256 at a time.
        public override int MaxGroupSize =>
            Math.Min(1_024, Registers / ((takes.Registers * WarpItems + RegisterUnit - 1) / RegisterUnit * RegisterUnit) * WarpItems);

        public override string Resources => $"{takes.Registers} registers, {takes.LocalBytes} local bytes, {takes.Spills}";
    }

    private sealed class Queue(NvrtcDevice device) : DeviceQueue
    {
        public override void Write(DeviceBuffer to, long toOffset, PinnedMemory from, long fromOffset, long bytes) =>
            DeviceRanges.CheckCopy(to.Bytes, toOffset, from.Bytes, fromOffset, bytes);

        public override unsafe void Read(DeviceBuffer from, long fromOffset, PinnedMemory to, long toOffset, long bytes)
        {
            DeviceRanges.CheckCopy(from.Bytes, fromOffset, to.Bytes, toOffset, bytes);
            NativeMemory.Clear(to.Pointer + toOffset, (nuint)bytes);
        }

        public override void Fill(DeviceBuffer buffer, uint word) => DeviceRanges.CheckFill(buffer.Bytes);

        public override void Launch(
            DeviceKernel kernel, int groupsX, int groupsY, int groupSize, int localBytes, params ReadOnlySpan<KernelArgument> arguments)
        {
            var own = (Kernel)kernel;
            if (DeviceRanges.CheckLaunch(kernel, device.Info, groupsX, groupsY, groupSize, own.Takes.LocalBytes + localBytes))
            {
                Assert.That(groupsY, Is.LessThanOrEqualTo(65_535), $"{kernel.Name}: CUDA's second axis");
                (int items, int local) = device.Launched.GetValueOrDefault(kernel.Name);
                device.Launched[kernel.Name] = (Math.Max(items, groupSize), Math.Max(local, own.Takes.LocalBytes + localBytes));
            }
        }

        public override DeviceEvent Record() => new Mark();

        public override void WaitFor(DeviceEvent mark)
        {
        }

        public override void Finish()
        {
        }

        public override void Dispose()
        {
        }
    }

    private sealed class Mark : DeviceEvent
    {
        public override void Wait()
        {
        }

        public override double MillisecondsSince(DeviceEvent earlier) => 0;

        public override void Dispose()
        {
        }
    }

    private sealed class HostBuffer(long bytes) : DeviceBuffer
    {
        public override long Bytes => bytes;

        public override void Dispose()
        {
        }
    }

    private sealed unsafe class HostMemory(long bytes) : PinnedMemory
    {
        // SAFETY: as long as it says, zeroed, until it is disposed.
        private void* _pointer = NativeMemory.AllocZeroed((nuint)bytes);

        public override long Bytes => bytes;

        public override byte* Pointer => (byte*)_pointer;

        public override void Dispose()
        {
            NativeMemory.Free(_pointer);
            _pointer = null;
        }
    }
}
