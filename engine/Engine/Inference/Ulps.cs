namespace Engine.Inference;

/// <summary>Differences in units in the last place.</summary>
public static class Ulps
{
    /// <summary>How many float32 numbers lie from one number to another: 0 for equal ones (−0 equals +0), 1 for neighbours.</summary>
    /// <param name="a">A number, or an infinity.</param>
    /// <param name="b">Another.</param>
    public static long Between(float a, float b) => Math.Abs(Place(a) - Place(b));

    // The patterns of numbers in their order, with one place for both zeros.
    private static long Place(float value)
    {
        int bits = BitConverter.SingleToInt32Bits(value);
        return bits < 0 ? -(long)(bits & int.MaxValue) : bits;
    }
}
