using System.Runtime.InteropServices;
using Engine.Core.Memory;

namespace Engine.Inference.OnnxRuntime;

/// <summary>A dense tensor in native memory of ours, bound to an ONNX Runtime value once; no copy on either side of a run.</summary>
public sealed unsafe class OrtTensor : IDisposable
{
    private readonly NativeBuffer<byte> _data;
    private readonly int _bytes;
    private void* _value;

    private OrtTensor(int elementType, int elementBytes, long[] dimensions)
    {
        long count = 1;
        foreach (long d in dimensions)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(d);
            count = checked(count * d);
        }

        _bytes = checked((int)(count * elementBytes));
        _data = new NativeBuffer<byte>(Math.Max(1, _bytes));
        OrtApi api = OrtLibrary.Api;
        void* info = null;
        try
        {
            // SAFETY: out parameters are locals; the dimensions are copied by the callee; the data lives until Dispose, after
            // the value is released. 0, 0: the device allocator and the default memory type.
            api.Check(api.CreateCpuMemoryInfo(0, 0, &info), nameof(api.CreateCpuMemoryInfo));
            void* value;
            fixed (long* dims = dimensions)
            {
                api.Check(
                    api.CreateTensorWithData(info, _data.Pointer, (nuint)_bytes, dims, (nuint)dimensions.Length, elementType, &value),
                    nameof(api.CreateTensorWithData));
            }

            _value = value;
        }
        catch
        {
            _data.Dispose();
            throw;
        }
        finally
        {
            if (info != null)
            {
                api.ReleaseMemoryInfo(info);
            }
        }
    }

    /// <summary>Releases the value of a tensor that nobody disposed.</summary>
    ~OrtTensor() => Free();

    /// <summary>The elements as float32; writing them needs no further call before a run.</summary>
    public Span<float> Floats => MemoryMarshal.Cast<byte, float>(_data.Span[.._bytes]);

    /// <summary>The elements as int64.</summary>
    public Span<long> Integers => MemoryMarshal.Cast<byte, long>(_data.Span[.._bytes]);

    /// <summary>All elements as bytes, little-endian.</summary>
    public Span<byte> Bytes => _data.Span[.._bytes];

    /// <summary>The OrtValue; valid until disposed.</summary>
    internal void* Value => _value;

    /// <summary>The first element; valid until disposed.</summary>
    internal float* FloatPointer => (float*)_data.Pointer;

    /// <summary>A zeroed float32 tensor.</summary>
    /// <exception cref="OrtUnavailableException">The library cannot be had.</exception>
    public static OrtTensor OfFloats(params long[] dimensions) => new(OrtApi.Float, sizeof(float), dimensions);

    /// <summary>A zeroed int64 tensor.</summary>
    /// <exception cref="OrtUnavailableException">The library cannot be had.</exception>
    public static OrtTensor OfIntegers(params long[] dimensions) => new(OrtApi.Int64, sizeof(long), dimensions);

    /// <summary>A zeroed int32 tensor.</summary>
    /// <exception cref="OrtUnavailableException">The library cannot be had.</exception>
    public static OrtTensor OfInt32(params long[] dimensions) => new(OrtApi.Int32, sizeof(int), dimensions);

    /// <summary>A zeroed float64 tensor.</summary>
    /// <exception cref="OrtUnavailableException">The library cannot be had.</exception>
    public static OrtTensor OfDoubles(params long[] dimensions) => new(OrtApi.Double, sizeof(double), dimensions);

    /// <summary>Releases the value and the memory.</summary>
    public void Dispose()
    {
        Free();
        _data.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        void* value = _value;
        _value = null;
        if (value != null)
        {
            // SAFETY: the value is ours and is released once.
            OrtLibrary.Api.ReleaseValue(value);
        }
    }
}
