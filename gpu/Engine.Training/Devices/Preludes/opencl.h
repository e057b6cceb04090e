// The words that kernels are written in, in OpenCL C 1.2. cuda.h says the same words in CUDA C++, so that one text is compiled as both;
// README.md beside it lists them. Nothing is contracted: only FMA fuses.
#pragma OPENCL FP_CONTRACT OFF
#ifdef HAS_FLOAT64
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif
#define IS_OPENCL 1

#define KERNEL __kernel void
#define KERNEL_SIZED(n) __kernel __attribute__((reqd_work_group_size((n), 1, 1))) void
#define INLINE static inline
#define GLOBAL __global
#define LOCAL __local
#define CONSTANT_TABLE __constant
#define RESTRICT restrict
#define UNROLL _Pragma("unroll")

// Local memory: of a length given at launch (the last parameter, then the first line of the body), or fixed.
#define LOCAL_ARGUMENT(name) __local float *name
#define LOCAL_BEGIN(name)
#define LOCAL_FIXED(type, name, n) __local type name[n]

#define LOCAL_ID ((int)get_local_id(0))
#define LOCAL_SIZE ((int)get_local_size(0))
#define GROUP_X ((int)get_group_id(0))
#define GROUP_Y ((int)get_group_id(1))
#define GROUPS_X ((int)get_num_groups(0))
#define GROUPS_Y ((int)get_num_groups(1))
#define BARRIER() barrier(CLK_LOCAL_MEM_FENCE)
#define BARRIER_GLOBAL() barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)

#define FMA(a, b, c) fma((float)(a), (float)(b), (float)(c))
#define MUL_HI(a, b) mul_hi((uint)(a), (uint)(b))
#define FLOAT_BITS(x) as_uint((float)(x))
#define BITS_FLOAT(u) as_float((uint)(u))

// OpenCL allows a float's quotient and root a few ulp. Through float64 they are right: its 53 bits are more than 2 x 24 + 2.
#if defined(ROUNDS_CORRECTLY) || !defined(HAS_FLOAT64)
#define DIVIDE(a, b) ((float)(a) / (float)(b))
#define SQRT(x) sqrt((float)(x))
#else
#define DIVIDE(a, b) ((float)((double)(float)(a) / (double)(float)(b)))
#define SQRT(x) ((float)sqrt((double)(float)(x)))
#endif
