namespace Engine.TestKit.Training;

/// <summary>Dropout's random numbers from their definition: Philox 4×32-10 of (row, unit ÷ 8, layer, step) under the seed.</summary>
public static class NaiveDropout
{
    /// <summary>Four words of a counter and a key (Salmon et al., SC 2011).</summary>
    public static uint[] Philox(uint[] counter, uint[] key)
    {
        uint[] c = [.. counter];
        uint[] k = [.. key];
        for (int round = 0; round < 10; round++)
        {
            if (round > 0)
            {
                k[0] = unchecked(k[0] + 0x9E3779B9u);
                k[1] = unchecked(k[1] + 0xBB67AE85u);
            }

            ulong p = 0xD2511F53ul * c[0];
            ulong q = 0xCD9E8D57ul * c[2];
            c = [(uint)(q >> 32) ^ c[1] ^ k[0], (uint)q, (uint)(p >> 32) ^ c[3] ^ k[1], (uint)p];
        }

        return c;
    }

    /// <summary>What an output is multiplied by: 0, or what makes good for the dropped ones.</summary>
    public static double Factor(double rate, ulong seed, long step, int layer, int unit, int row)
    {
        uint threshold = (uint)Math.Round(rate * 65_536);
        uint[] words = Philox([(uint)row, (uint)(unit / 8), (uint)layer, (uint)step], [(uint)seed, (uint)(seed >> 32)]);
        uint word = words[unit % 8 / 2];
        uint half = unit % 2 == 0 ? word % 65_536 : word / 65_536;
        return half < threshold ? 0 : 65_536.0 / (65_536 - threshold);
    }
}
