// Matrix units: D (16 x 8) += A (16 x 8) B (8 x 8) by 32 work items side by side, in tf32 with sums in float32. What a work item must hold
// of A and B, both rounded to tf32 by TF32(), and which numbers of D it owns:
//
//   A_ROW(n), A_TERM(n)      of its n-th number of A, n < A_NUMBERS
//   B_TERM(n), B_COLUMN(n)   of its n-th number of B, n < B_NUMBERS
//   D_ROW(n), D_COLUMN(n)    of its n-th number of D, n < 4: the same with matrix units and without
//
// Without matrix units, or where EMULATES_TF32 says so, a work item holds the whole rows and columns that its numbers of D need, and the products are plain loops.
#define LANE (LOCAL_ID % 32)
#define D_ROW(n) (LANE / 4 + 8 * ((n) / 2))
#define D_COLUMN(n) (2 * (LANE % 4) + (n) % 2)

#if defined(IS_CUDA) && defined(HAS_TF32) && !defined(EMULATES_TF32)
#define A_NUMBERS 4
#define B_NUMBERS 2
#define A_ROW(n) (LANE / 4 + 8 * ((n) % 2))
#define A_TERM(n) (LANE % 4 + 4 * ((n) / 2))
#define B_TERM(n) (LANE % 4 + 4 * (n))
#define B_COLUMN(n) (LANE / 4)

INLINE void multiply_add(float *d, const float *a, const float *b)
{
    asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(FLOAT_BITS(a[0])), "r"(FLOAT_BITS(a[1])), "r"(FLOAT_BITS(a[2])), "r"(FLOAT_BITS(a[3])), "r"(FLOAT_BITS(b[0])), "r"(FLOAT_BITS(b[1])));
}
#else
#define A_NUMBERS 16
#define B_NUMBERS 16
#define A_ROW(n) (LANE / 4 + 8 * ((n) / 8))
#define A_TERM(n) ((n) % 8)
#define B_TERM(n) ((n) % 8)
#define B_COLUMN(n) (2 * (LANE % 4) + (n) / 8)

INLINE void multiply_add(float *d, const float *a, const float *b)
{
    for (int n = 0; n < 4; n++)
    {
        for (int k = 0; k < 8; k++)
        {
            d[n] = FMA(a[n / 2 * 8 + k], b[n % 2 * 8 + k], d[n]);
        }
    }
}
#endif
