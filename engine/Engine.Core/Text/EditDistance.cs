namespace Engine.Core.Text;

/// <summary>How many letters must be inserted, removed or changed to make one word of another (Levenshtein's distance).</summary>
public static class EditDistance
{
    /// <summary>The distance of two words.</summary>
    public static int Of(string a, string b)
    {
        int[] above = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 0; i < a.Length; i++)
        {
            int[] row = new int[b.Length + 1];
            row[0] = i + 1;
            for (int j = 0; j < b.Length; j++)
            {
                row[j + 1] = Math.Min(Math.Min(row[j], above[j + 1]) + 1, above[j] + (a[i] == b[j] ? 0 : 1));
            }

            above = row;
        }

        return above[b.Length];
    }
}
