using System.Globalization;

namespace Engine.Latency.Rings;

/// <summary>What `ring` measures.</summary>
public sealed record RingOptions
{
    /// <summary>Events a round of throughput.</summary>
    public int Events { get; init; } = 10_000_000;

    /// <summary>Rounds of each measurement.</summary>
    public int Rounds { get; init; } = 7;

    /// <summary>Slots of the throughput ring, a power of two.</summary>
    public int Size { get; init; } = 16_384;

    /// <summary>Whether only the first pair of CPUs is measured.</summary>
    public bool FirstPairOnly { get; init; }

    /// <summary>Reads the command's options; null and a message when they do not make sense.</summary>
    public static RingOptions? Parse(string[] args, out string fault)
    {
        RingOptions options = new();
        fault = "";
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            bool number = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n > 0;
            RingOptions? next = (args[i], number) switch
            {
                ("--events", true) => options with { Events = n },
                ("--rounds", true) => options with { Rounds = n },
                ("--size", true) => options with { Size = n },
                ("--pairs", false) when value is "all" or "first" => options with { FirstPairOnly = value == "first" },
                _ => null,
            };
            if (next is null)
            {
                fault = $"ring: cannot use {args[i]} {value}";
                return null;
            }

            options = next;
        }

        return options;
    }
}
