using System.Globalization;

namespace Engine.TestKit.Features;

/// <summary>The numbers in columns' names.</summary>
internal static class NaiveNames
{
    /// <summary>The number right after a word in a name, e.g. the level in `ask_volume_level3`.</summary>
    public static int Number(string name, string word)
    {
        int at = name.IndexOf(word, StringComparison.Ordinal);
        string digits = at < 0 ? "" : string.Concat(name.Skip(at + word.Length).TakeWhile(char.IsAsciiDigit));
        return digits.Length > 0 ? int.Parse(digits, CultureInfo.InvariantCulture) : throw Unknown(name);
    }

    public static ArgumentException Unknown(string name) => new($"There is no definition of a column '{name}'.");
}
