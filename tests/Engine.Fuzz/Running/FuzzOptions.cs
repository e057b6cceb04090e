using System.Globalization;
using Engine.Fuzz.Targets;

namespace Engine.Fuzz.Running;

/// <summary>What to run.</summary>
internal sealed record FuzzOptions
{
    /// <summary>How the command is used.</summary>
    public const string Usage =
        "Engine.Fuzz [--cases N] [--seed S] [--target all|NAME] [--case N] [--stall-seconds N]\n"
        + "  --cases N          cases to run (100,000)\n"
        + "  --seed S           what they follow from (1)\n"
        + "  --target NAME      one target, or all\n"
        + "  --case N           only case N of that seed and target, with those of its batch before it\n"
        + "  --stall-seconds N  a case that takes longer has no end (30)";

    /// <summary>Cases to run.</summary>
    public long Cases { get; init; } = 100_000;

    /// <summary>What the inputs follow from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>A target's name.</summary>
    public string Target { get; init; } = FuzzTargets.All;

    /// <summary>The one case to run, or −1.</summary>
    public long Case { get; init; } = -1;

    /// <summary>How long a case may take.</summary>
    public int StallSeconds { get; init; } = 30;

    /// <summary>Where a worker notes its position; null for the supervisor.</summary>
    public string? Position { get; init; }

    /// <summary>The options that lead to the same cases.</summary>
    public string Same => string.Create(CultureInfo.InvariantCulture, $"--target {Target} --seed {Seed}");

    /// <summary>Reads a command line; null where it is wrong.</summary>
    public static FuzzOptions? Parse(string[] arguments)
    {
        FuzzOptions options = new();
        for (int i = 0; i + 1 < arguments.Length; i += 2)
        {
            string value = arguments[i + 1];
            bool isNumber = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number);
            FuzzOptions? next = arguments[i] switch
            {
                "--cases" when isNumber => options with { Cases = number },
                "--seed" when isNumber => options with { Seed = (ulong)number },
                "--case" when isNumber => options with { Case = number },
                "--stall-seconds" when number is > 0 and < 100_000 => options with { StallSeconds = (int)number },
                "--target" when FuzzTargets.Named(value).Length > 0 => options with { Target = value },
                "--position" => options with { Position = value },
                _ => null,
            };
            if (next is null)
            {
                return null;
            }

            options = next;
        }

        return arguments.Length % 2 == 0 ? options : null;
    }
}
