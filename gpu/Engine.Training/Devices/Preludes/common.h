// Words of both languages, said in their own words. Behind opencl.h or cuda.h.
#define FLOAT_INFINITY BITS_FLOAT(0x7f800000u)
#define IS_FINITE(x) ((FLOAT_BITS(x) & 0x7f800000u) != 0x7f800000u)
#define ABS(x) BITS_FLOAT(FLOAT_BITS(x) & 0x7fffffffu)
#define COPY_SIGN(magnitude, sign) BITS_FLOAT((FLOAT_BITS(magnitude) & 0x7fffffffu) | (FLOAT_BITS(sign) & 0x80000000u))

// The nearest number with tf32's 10 bits behind the point, ties away from zero, as cvt.rna does; infinities and NaN as they are.
INLINE float tf32_round(float x)
{
    uint bits = FLOAT_BITS(x);
    return IS_FINITE(x) ? BITS_FLOAT((bits + 0x1000u) & 0xffffe000u) : x;
}

#define TF32(x) tf32_round(x)
