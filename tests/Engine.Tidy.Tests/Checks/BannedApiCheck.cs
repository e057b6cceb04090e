using System.Text.RegularExpressions;
using Engine.Tidy.Tests.CSharp;
using Engine.Tidy.Tests.Files;

namespace Engine.Tidy.Tests.Checks;

/// <summary>
/// What features, kernels, labels and the simulator must not call, because its bits change with CPU flags and runtimes; and
/// what hot libraries must not reach for, because time and randomness come in by constructor.
/// </summary>
internal static class BannedApiCheck
{
    private const string Functions =
        @"(?:Exp\w*|Log\w*|ILogB|Pow|Sin\w*|Cos\w*|Tan\w*|Asin\w*|Acos\w*|Atan\w*|Cbrt|RootN|Hypot|ScaleB|IEEERemainder|DegreesToRadians)\b";

    private static readonly Rule[] s_rules =
    [
        new(@"\bMathF?\s*\.\s*" + Functions, "a transcendental of the class library", "write one polynomial instead", IsExact),
        new(@"\b(?:float|double|Half|Single|Double)\s*\.\s*" + Functions, "a transcendental of the class library", "write one polynomial instead", IsExact),
        new(@"\bVector(?:64|128|256|512)?\s*(?:<[^<>]*>)?\s*\.\s*" + Functions, "a vector transcendental", "write one polynomial instead", IsExact),
        new(@"\bVector(?:64|128|256|512)?\s*\.\s*(?:Sum|Dot)\b", "a sum across lanes", "its order depends on the width; a lane is an output unit", IsExact),
        new(@"\busing\s+(?:static\s+[\w.]+|\w+\s*=\s*[\w.]+)\.MathF?\s*;", "Math under another name", "name the class where it is called", IsExact),
        new(@"\b\w*Estimate\s*(?:<[^<>]*>)?\s*\(", "an estimate intrinsic", "use the exact operation", IsExact),
        new(@"\b(?:Sse|Avx|Avx512F|AdvSimd|Arm64|Avx10v1)\s*\.\s*Reciprocal\w*", "an approximate reciprocal", "divide", IsExact),
        new(@"\bTensorPrimitives\b", "TensorPrimitives", "write the loop", IsExact),
        new(@"\bSystem\s*\.\s*Random\b|\bRandom\s*\.\s*Shared\b|\bnew\s+Random\s*\(|\bRandom\s+\w+\s*=\s*new\s*\(|\bRandomNumberGenerator\b",
            "the class library's random numbers", "use Engine.Core.Numerics.SeededRandom", IsProduct),
        new(@"\bGuid\s*\.\s*(?:NewGuid|CreateVersion7)\b", "ambient randomness", "take it in by constructor", HasNoAmbience),
        new(@"\bDateTime(?:Offset)?\s*\.\s*(?:UtcNow|Now|Today)\b", "the ambient clock", "take an IClock in by constructor", HasNoAmbience),
        new(@"\bEnvironment\s*\.\s*TickCount(?:64)?\b|\bTimeProvider\s*\.\s*System\b|\bStopwatch\s*\.\s*(?:GetTimestamp|StartNew)\b",
            "the ambient clock", "take an IClock in by constructor", HasNoAmbience),
    ];

    /// <summary>Findings in one file.</summary>
    public static IEnumerable<Finding> Check(string path, string text)
    {
        Rule[] rules = [.. s_rules.Where(rule => rule.Applies(path))];
        if (rules.Length == 0)
        {
            yield break;
        }

        string code = CodeText.Of(text);
        foreach (Rule rule in rules)
        {
            foreach (Match match in rule.Regex.Matches(code))
            {
                yield return new Finding(path, Finding.LineOf(code, match.Index), $"`{match.Value}` is {rule.What}: {rule.Instead}");
            }
        }
    }

    private static bool IsExact(string path) =>
        IsBelow(path, "engine/Engine/Features/", "engine/Engine/Inference/", "engine/Engine/Signals/", "engine/Engine/Books/",
            "engine/Engine.Core/Numerics/", "tools/Engine.Simulator/")
        || (path.StartsWith("gpu/", StringComparison.Ordinal) && path.Contains("/Labels/", StringComparison.Ordinal));

    private static bool HasNoAmbience(string path) =>
        IsBelow(path, "engine/Engine/", "feeds/", "tools/Engine.Simulator/");

    private static bool IsProduct(string path) => IsBelow(path, "engine/", "feeds/", "gpu/", "tools/");

    private static bool IsBelow(string path, params ReadOnlySpan<string> folders)
    {
        foreach (string folder in folders)
        {
            if (path.StartsWith(folder, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private sealed record Rule(string Pattern, string What, string Instead, Func<string, bool> Applies)
    {
        public Regex Regex { get; } = new(Pattern, RegexOptions.CultureInvariant);
    }
}
