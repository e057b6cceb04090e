namespace Engine.Training.Devices;

/// <summary>An argument of a kernel: a buffer, or a number of 32 or 64 bits.</summary>
public readonly struct KernelArgument
{
    private KernelArgument(DeviceBuffer? buffer, ulong bits, int bytes) => (Buffer, Bits, Bytes) = (buffer, bits, bytes);

    /// <summary>The buffer; null where it is a number.</summary>
    public DeviceBuffer? Buffer { get; }

    /// <summary>The number's bits, in the low bytes.</summary>
    public ulong Bits { get; }

    /// <summary>Bytes of the number: 4 or 8.</summary>
    public int Bytes { get; }

    /// <summary>A buffer.</summary>
    public static implicit operator KernelArgument(DeviceBuffer buffer) => new(buffer, 0, 8);

    /// <summary>An `int`.</summary>
    public static implicit operator KernelArgument(int value) => new(null, unchecked((uint)value), 4);

    /// <summary>A `uint`.</summary>
    public static implicit operator KernelArgument(uint value) => new(null, value, 4);

    /// <summary>A `float`.</summary>
    public static implicit operator KernelArgument(float value) => new(null, BitConverter.SingleToUInt32Bits(value), 4);

    /// <summary>A `ulong`.</summary>
    public static implicit operator KernelArgument(ulong value) => new(null, value, 8);
}
