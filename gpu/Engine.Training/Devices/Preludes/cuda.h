// The words that kernels are written in, in CUDA C++. opencl.h says the same words in OpenCL C, so that one text is compiled as both;
// README.md beside it lists them. NVRTC gets --fmad=false: only FMA fuses.
#define IS_CUDA 1
typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long long ulong;

#define KERNEL extern "C" __global__ void
#define KERNEL_SIZED(n) extern "C" __global__ void __launch_bounds__(n)
#define INLINE static __device__ __forceinline__
#define GLOBAL
#define LOCAL
#define CONSTANT_TABLE static __constant__
#define RESTRICT __restrict__
#define UNROLL _Pragma("unroll")

// Local memory: of a length given at launch (the last parameter, then the first line of the body), or fixed. CUDA knows the first as one
// array of the module; the parameter is its length, which nobody asks for.
extern __shared__ __align__(16) float launch_local_memory[];
#define LOCAL_ARGUMENT(name) unsigned int name##_bytes
#define LOCAL_BEGIN(name) float *name = launch_local_memory; (void)name##_bytes
#define LOCAL_FIXED(type, name, n) __shared__ type name[n]

#define LOCAL_ID ((int)threadIdx.x)
#define LOCAL_SIZE ((int)blockDim.x)
#define GROUP_X ((int)blockIdx.x)
#define GROUP_Y ((int)blockIdx.y)
#define GROUPS_X ((int)gridDim.x)
#define GROUPS_Y ((int)gridDim.y)
#define BARRIER() __syncthreads()
#define BARRIER_GLOBAL() __syncthreads()

#define FMA(a, b, c) __fmaf_rn((a), (b), (c))
#define MUL_HI(a, b) __umulhi((a), (b))
#define FLOAT_BITS(x) __float_as_uint(x)
#define BITS_FLOAT(u) __uint_as_float(u)
#define DIVIDE(a, b) __fdiv_rn((a), (b))
#define SQRT(x) __fsqrt_rn(x)
