// Products with a matrix that a group holds in its registers: out[o][sequence] = sum over k of A[o][k] operand[k][sequence]. A work item holds
// the A of some outputs and of every SPLIT-th k, and leaves sums over those; whoever needs an output adds its SPLIT parts in order. So each
// number that is read from local memory serves several multiplications.
//
//   parts   [split][quad][output][4]
//
// Forward: outputs are the gates' rows, A = (R | W). Back: outputs are units, A = R transposed. Their sums of outer products, the
// gradients of R, W and the bias, lie in registers too: a work item owns every OUTER_ROWS-th row of every OUTER_SPLIT-th column.
#define F_SPLIT 4
#define F_BLOCKS (ITEMS / F_SPLIT)
#define F_OUTPUTS CEILING(ROWS, F_BLOCKS)
#define F_TERMS CEILING(SUMMED, F_SPLIT)

#define B_BLOCKS 16
#define B_SPLIT (ITEMS / B_BLOCKS)
#define B_OUTPUTS CEILING(UNITS, B_BLOCKS)
#define B_TERMS CEILING(ROWS, B_SPLIT)

#define OUTER_SPLIT 8
#define OUTER_BLOCKS (ITEMS / OUTER_SPLIT)
#define OUTER_ROWS CEILING(ROWS, OUTER_BLOCKS)
#define OUTER_COLUMNS CEILING(SUMMED + 1, OUTER_SPLIT)

// Numbers of an operand and of the gates' gradients, with room for what is read beyond their ends: zeros.
#define OPERAND MOST(F_SPLIT * F_TERMS, OUTER_SPLIT * OUTER_COLUMNS)
#define GRADIENTS MOST(B_SPLIT * B_TERMS, OUTER_BLOCKS * OUTER_ROWS)

// What a number becomes before it is multiplied.
#define FACTOR(x) (x)

typedef float ForwardWeights[F_OUTPUTS][F_TERMS];
typedef float BackWeights[B_OUTPUTS][B_TERMS];
typedef float OuterSums[OUTER_ROWS][OUTER_COLUMNS];

INLINE void load_forward(GLOBAL const float *parameters, ForwardWeights weights)
{
    int block = LOCAL_ID % F_BLOCKS, split = LOCAL_ID / F_BLOCKS;
    EACH (int j = 0; j < F_OUTPUTS; j++)
    {
        EACH (int i = 0; i < F_TERMS; i++)
        {
            weights[j][i] = gate_weight(parameters, block + F_BLOCKS * j, split + F_SPLIT * i);
        }
    }
}

INLINE void product_forward(ForwardWeights weights, LOCAL const float *operand, LOCAL float *parts)
{
    int block = LOCAL_ID % F_BLOCKS, split = LOCAL_ID / F_BLOCKS;
    EACH (int quad = 0; quad < QUADS; quad++)
    {
        float4 sums[F_OUTPUTS];
        EACH (int j = 0; j < F_OUTPUTS; j++)
        {
            sums[j].x = sums[j].y = sums[j].z = sums[j].w = 0.0f;
        }

        EACH (int i = 0; i < F_TERMS; i++)
        {
            float4 v = ((LOCAL const float4 *)operand)[quad * OPERAND + split + F_SPLIT * i];
            EACH (int j = 0; j < F_OUTPUTS; j++)
            {
                sums[j].x = FMA(weights[j][i], v.x, sums[j].x);
                sums[j].y = FMA(weights[j][i], v.y, sums[j].y);
                sums[j].z = FMA(weights[j][i], v.z, sums[j].z);
                sums[j].w = FMA(weights[j][i], v.w, sums[j].w);
            }
        }

        EACH (int j = 0; j < F_OUTPUTS; j++)
        {
            int row = block + F_BLOCKS * j;
            if (F_BLOCKS * F_OUTPUTS == ROWS || row < ROWS)
            {
                ((LOCAL float4 *)parts)[(split * QUADS + quad) * ROWS + row] = sums[j];
            }
        }
    }
}

INLINE void load_back(GLOBAL const float *parameters, BackWeights weights)
{
    int block = LOCAL_ID % B_BLOCKS, split = LOCAL_ID / B_BLOCKS;
    EACH (int j = 0; j < B_OUTPUTS; j++)
    {
        EACH (int i = 0; i < B_TERMS; i++)
        {
            int unit = block + B_BLOCKS * j;
            weights[j][i] = unit < UNITS ? gate_weight(parameters, split + B_SPLIT * i, unit) : 0.0f;
        }
    }
}

INLINE void product_back(BackWeights weights, LOCAL const float *gradients, LOCAL float *parts)
{
    int block = LOCAL_ID % B_BLOCKS, split = LOCAL_ID / B_BLOCKS;
    EACH (int quad = 0; quad < QUADS; quad++)
    {
        float4 sums[B_OUTPUTS];
        EACH (int j = 0; j < B_OUTPUTS; j++)
        {
            sums[j].x = sums[j].y = sums[j].z = sums[j].w = 0.0f;
        }

        EACH (int i = 0; i < B_TERMS; i++)
        {
            float4 v = ((LOCAL const float4 *)gradients)[quad * GRADIENTS + split + B_SPLIT * i];
            EACH (int j = 0; j < B_OUTPUTS; j++)
            {
                sums[j].x = FMA(weights[j][i], v.x, sums[j].x);
                sums[j].y = FMA(weights[j][i], v.y, sums[j].y);
                sums[j].z = FMA(weights[j][i], v.z, sums[j].z);
                sums[j].w = FMA(weights[j][i], v.w, sums[j].w);
            }
        }

        EACH (int j = 0; j < B_OUTPUTS; j++)
        {
            int unit = block + B_BLOCKS * j;
            if (B_BLOCKS * B_OUTPUTS == UNITS || unit < UNITS)
            {
                ((LOCAL float4 *)parts)[(split * QUADS + quad) * UNITS + unit] = sums[j];
            }
        }
    }
}

INLINE void clear_outer(OuterSums sums)
{
    EACH (int r = 0; r < OUTER_ROWS; r++)
    {
        EACH (int c = 0; c < OUTER_COLUMNS; c++)
        {
            sums[r][c] = 0.0f;
        }
    }
}

// Adds gradient x operand of all sequences of the tile.
INLINE void add_outer(OuterSums sums, LOCAL const float *gradients, LOCAL const float *operand)
{
    int first = LOCAL_ID / OUTER_SPLIT, column = LOCAL_ID % OUTER_SPLIT;
    EACH (int quad = 0; quad < QUADS; quad++)
    {
        float4 d[OUTER_ROWS];
        EACH (int r = 0; r < OUTER_ROWS; r++)
        {
            d[r] = ((LOCAL const float4 *)gradients)[quad * GRADIENTS + first + OUTER_BLOCKS * r];
        }

        EACH (int c = 0; c < OUTER_COLUMNS; c++)
        {
            float4 v = ((LOCAL const float4 *)operand)[quad * OPERAND + column + OUTER_SPLIT * c];
            EACH (int r = 0; r < OUTER_ROWS; r++)
            {
                sums[r][c] = FMA(d[r].x, v.x, sums[r][c]);
                sums[r][c] = FMA(d[r].y, v.y, sums[r][c]);
                sums[r][c] = FMA(d[r].z, v.z, sums[r][c]);
                sums[r][c] = FMA(d[r].w, v.w, sums[r][c]);
            }
        }
    }
}

INLINE void store_outer(OuterSums sums, GLOBAL float *gradient)
{
    int first = LOCAL_ID / OUTER_SPLIT, column = LOCAL_ID % OUTER_SPLIT;
    EACH (int r = 0; r < OUTER_ROWS; r++)
    {
        EACH (int c = 0; c < OUTER_COLUMNS; c++)
        {
            int row = first + OUTER_BLOCKS * r, k = column + OUTER_SPLIT * c;
            if (row < ROWS && k <= SUMMED)
            {
                gradient[gate_parameter(row, k)] = sums[r][c];
            }
        }
    }
}
