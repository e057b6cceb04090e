// Philox 4x32 with ten rounds (Salmon et al., SC 2011), and dropout's stream as Kernels/Philox.cs lays it out: key = seed; counter = (row of the
// batch, unit / 8, layer, step); unit mod 8 = 2 w takes the low half of word w, 2 w + 1 the high half.

// Four words for a counter, in place.
INLINE void philox(uint *c, uint key_low, uint key_high)
{
    UNROLL
    for (int round = 0; round < 10; round++)
    {
        uint high0 = MUL_HI(c[0], 0xD2511F53u), low0 = c[0] * 0xD2511F53u;
        uint high1 = MUL_HI(c[2], 0xCD9E8D57u), low1 = c[2] * 0xCD9E8D57u;
        c[0] = high1 ^ c[1] ^ key_low;
        c[1] = low1;
        c[2] = high0 ^ c[3] ^ key_high;
        c[3] = low0;
        key_low += 0x9E3779B9u;
        key_high += 0xBB67AE85u;
    }
}

// Dropout's factor from a half of a word.
INLINE float dropout_factor(uint half_word, uint threshold, float scale)
{
    return half_word < threshold ? 0.0f : scale;
}
