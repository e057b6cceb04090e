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

// A 16 x 8 tile += A (16 x 8) times B (8 x 8), operands rounded to tf32, by 32 work items side by side (a warp: LOCAL_ID / 32), all of which
// must come here. A(i, k) is a[i * a_row + k * a_column], B(k, j) is b[k * b_row + j * b_column]. Work item t = LOCAL_ID % 32 owns four
// numbers of the tile: rows t / 4 (d[0], d[1]) and t / 4 + 8 (d[2], d[3]), columns 2 (t % 4) and that + 1.
#if defined(IS_CUDA) && defined(HAS_TF32)
INLINE uint tf32_operand(float x)
{
    uint rounded;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(rounded) : "f"(x));
    return rounded;
}

INLINE void mma_tf32(float *d, const LOCAL float *a, int a_row, int a_column, const LOCAL float *b, int b_row, int b_column)
{
    int row = (LOCAL_ID % 32) / 4, k = LOCAL_ID % 4;
    uint a0 = tf32_operand(a[row * a_row + k * a_column]), a1 = tf32_operand(a[(row + 8) * a_row + k * a_column]);
    uint a2 = tf32_operand(a[row * a_row + (k + 4) * a_column]), a3 = tf32_operand(a[(row + 8) * a_row + (k + 4) * a_column]);
    uint b0 = tf32_operand(b[k * b_row + row * b_column]), b1 = tf32_operand(b[(k + 4) * b_row + row * b_column]);
    asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
}
#else
INLINE void mma_tf32(float *d, const LOCAL float *a, int a_row, int a_column, const LOCAL float *b, int b_row, int b_column)
{
    int row = (LOCAL_ID % 32) / 4, column = 2 * (LOCAL_ID % 4);
    for (int i = 0; i < 4; i++)
    {
        int r = row + 8 * (i / 2), c = column + i % 2;
        for (int k = 0; k < 8; k++)
        {
            d[i] = FMA(TF32(a[r * a_row + k * a_column]), TF32(b[k * b_row + c * b_column]), d[i]);
        }
    }
}
#endif

#define MMA_TF32(d, a, a_row, a_column, b, b_row, b_column) mma_tf32((d), (a), (a_row), (a_column), (b), (b_row), (b_column))
