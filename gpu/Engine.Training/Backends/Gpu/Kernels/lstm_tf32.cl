// The products of lstm_product.cl by matrix units: a warp is 32 work items, a tile has eight sequences. Operands are rounded to tf32 where they
// are written, sums are float32.
//
// Forward a warp holds every WARPS-th sixteen rows of (R | W); back it holds every WARPS-th eight terms of R transposed, and leaves
// sums over those; of the outer products it owns every WARPS-th sixteen rows.
#define WARPS (ITEMS / 32)
#define WARP (LOCAL_ID / 32)
#define FACTOR(x) TF32(x)

#define F_SPLIT 1
#define F_OUTPUTS CEILING(CEILING(ROWS, 16), WARPS)
#define F_TERMS CEILING(SUMMED, 8)

#define B_SPLIT WARPS
#define B_OUTPUTS CEILING(UNITS, 16)
#define B_TERMS CEILING(CEILING(ROWS, 8), WARPS)

#define OUTER_ROWS F_OUTPUTS
#define OUTER_COLUMNS CEILING(SUMMED + 1, 8)

#define OPERAND (8 * OUTER_COLUMNS)
#define GRADIENTS MOST(8 * WARPS * B_TERMS, 16 * WARPS * OUTER_ROWS)

typedef float ForwardWeights[F_OUTPUTS][F_TERMS][A_NUMBERS];
typedef float BackWeights[B_OUTPUTS][B_TERMS][A_NUMBERS];
typedef float OuterSums[OUTER_ROWS][OUTER_COLUMNS][4];

// A number of an array of quads.
INLINE float quad_number(LOCAL const float *quads, int width, int place, int sequence)
{
    return quads[(sequence / 4 * width + place) * 4 + sequence % 4];
}

INLINE void load_forward(GLOBAL const float *parameters, ForwardWeights weights)
{
    EACH (int j = 0; j < F_OUTPUTS; j++)
    {
        EACH (int i = 0; i < F_TERMS; i++)
        {
            EACH (int n = 0; n < A_NUMBERS; n++)
            {
                weights[j][i][n] = TF32(gate_weight(parameters, 16 * (WARP + WARPS * j) + A_ROW(n), 8 * i + A_TERM(n)));
            }
        }
    }
}

INLINE void product_forward(ForwardWeights weights, LOCAL const float *operand, LOCAL float *parts)
{
    float sums[F_OUTPUTS][4];
    EACH (int j = 0; j < F_OUTPUTS; j++)
    {
        sums[j][0] = sums[j][1] = sums[j][2] = sums[j][3] = 0.0f;
    }

    EACH (int i = 0; i < F_TERMS; i++)
    {
        float b[B_NUMBERS];
        EACH (int n = 0; n < B_NUMBERS; n++)
        {
            b[n] = quad_number(operand, OPERAND, 8 * i + B_TERM(n), B_COLUMN(n));
        }

        EACH (int j = 0; j < F_OUTPUTS; j++)
        {
            multiply_add(sums[j], weights[j][i], b);
        }
    }

    EACH (int j = 0; j < F_OUTPUTS; j++)
    {
        EACH (int n = 0; n < 4; n++)
        {
            int row = 16 * (WARP + WARPS * j) + D_ROW(n);
            if (row < ROWS)
            {
                parts[(D_COLUMN(n) / 4 * ROWS + row) * 4 + D_COLUMN(n) % 4] = sums[j][n];
            }
        }
    }
}

INLINE void load_back(GLOBAL const float *parameters, BackWeights weights)
{
    EACH (int j = 0; j < B_OUTPUTS; j++)
    {
        EACH (int i = 0; i < B_TERMS; i++)
        {
            EACH (int n = 0; n < A_NUMBERS; n++)
            {
                int unit = 16 * j + A_ROW(n);
                weights[j][i][n] = unit < UNITS ? TF32(gate_weight(parameters, 8 * (WARP + WARPS * i) + A_TERM(n), unit)) : 0.0f;
            }
        }
    }
}

INLINE void product_back(BackWeights weights, LOCAL const float *gradients, LOCAL float *parts)
{
    float sums[B_OUTPUTS][4];
    EACH (int j = 0; j < B_OUTPUTS; j++)
    {
        sums[j][0] = sums[j][1] = sums[j][2] = sums[j][3] = 0.0f;
    }

    EACH (int i = 0; i < B_TERMS; i++)
    {
        float b[B_NUMBERS];
        EACH (int n = 0; n < B_NUMBERS; n++)
        {
            b[n] = quad_number(gradients, GRADIENTS, 8 * (WARP + WARPS * i) + B_TERM(n), B_COLUMN(n));
        }

        EACH (int j = 0; j < B_OUTPUTS; j++)
        {
            multiply_add(sums[j], weights[j][i], b);
        }
    }

    EACH (int j = 0; j < B_OUTPUTS; j++)
    {
        EACH (int n = 0; n < 4; n++)
        {
            int unit = 16 * j + D_ROW(n);
            if (unit < UNITS)
            {
                parts[WARP * PAIRS + (D_COLUMN(n) / 4 * UNITS + unit) * 4 + D_COLUMN(n) % 4] = sums[j][n];
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
            sums[r][c][0] = sums[r][c][1] = sums[r][c][2] = sums[r][c][3] = 0.0f;
        }
    }
}

INLINE void add_outer(OuterSums sums, LOCAL const float *gradients, LOCAL const float *operand)
{
    float a[OUTER_ROWS][A_NUMBERS];
    EACH (int r = 0; r < OUTER_ROWS; r++)
    {
        EACH (int n = 0; n < A_NUMBERS; n++)
        {
            a[r][n] = quad_number(gradients, GRADIENTS, 16 * (WARP + WARPS * r) + A_ROW(n), A_TERM(n));
        }
    }

    EACH (int c = 0; c < OUTER_COLUMNS; c++)
    {
        float b[B_NUMBERS];
        EACH (int n = 0; n < B_NUMBERS; n++)
        {
            b[n] = quad_number(operand, OPERAND, 8 * c + B_COLUMN(n), B_TERM(n));
        }

        EACH (int r = 0; r < OUTER_ROWS; r++)
        {
            multiply_add(sums[r][c], a[r], b);
        }
    }
}

INLINE void store_outer(OuterSums sums, GLOBAL float *gradient)
{
    EACH (int r = 0; r < OUTER_ROWS; r++)
    {
        EACH (int c = 0; c < OUTER_COLUMNS; c++)
        {
            EACH (int n = 0; n < 4; n++)
            {
                int row = 16 * (WARP + WARPS * r) + D_ROW(n), k = 8 * c + D_COLUMN(n);
                if (row < ROWS && k <= SUMMED)
                {
                    gradient[gate_parameter(row, k)] = sums[r][c][n];
                }
            }
        }
    }
}
