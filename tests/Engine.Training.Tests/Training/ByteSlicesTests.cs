using System.Runtime.InteropServices;
using Engine.Training.Training;

namespace Engine.Training.Tests.Training;

public class ByteSlicesTests
{
    [Test]
    public unsafe void More_values_than_a_span_has_bytes_for_are_given_whole()
    {
        // SAFETY: memory of that size, which is only counted and never read: it costs no pages.
        const int Count = (1 << 29) + 3;
        float* values = (float*)NativeMemory.Alloc(Count, sizeof(float));
        try
        {
            long bytes = 0;
            ByteSlices.Give(new ReadOnlySpan<float>(values, Count), slice => bytes += slice.Length);
            Assert.That(bytes, Is.EqualTo(4L * Count));
        }
        finally
        {
            NativeMemory.Free(values);
        }
    }

    [TestCase(0)]
    [TestCase(5)]
    [TestCase(ByteSlices.Values)]
    [TestCase((2 * ByteSlices.Values) + 7)]
    public void Slices_are_all_bytes_in_order(int count)
    {
        int[] values = [.. Enumerable.Range(1, count)];
        var got = new List<byte>();
        ByteSlices.Give<int>(values, slice => got.AddRange(slice));
        Assert.That(got.ToArray().AsSpan().SequenceEqual(MemoryMarshal.AsBytes(values.AsSpan())));
    }
}
