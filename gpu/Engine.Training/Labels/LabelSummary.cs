using System.Text;
using System.Text.Json;
using Engine.Core.Numerics;
using Engine.Training.Datasets;

namespace Engine.Training.Labels;

/// <summary>
/// How a label's values are distributed, and how rare its large ones are. One pass in fixed memory: counts, extremes, mean and deviation are
/// exact; quantiles are of all values up to <see cref="MaxSample"/>, of a seeded random sample of as many beyond that.
/// </summary>
public sealed class LabelSummary
{
    /// <summary>Most values that quantiles are taken of.</summary>
    public const int MaxSample = 1_000_000;

    /// <summary>Quantiles, in parts of one.</summary>
    public static readonly double[] Probabilities = [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999];

    /// <summary>Sizes, in basis points, whose being exceeded is counted, up or down.</summary>
    public static readonly double[] Thresholds = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

    private const ulong SampleSeed = 0x6C61_6265_6C73;
    private const double BasisPoints = 10_000;

    private readonly long[] _causes = new long[Enum.GetValues<MissingCause>().Length];
    private readonly long[] _beyond = new long[Thresholds.Length];
    private readonly long[] _classes = new long[3];
    private readonly List<float> _sample = [];
    private readonly SeededRandom _random = new(SampleSeed);
    private readonly bool _isClass;
    private readonly bool _isRatio;
    private float[]? _sorted;
    private double _mean;
    private double _squares;

    /// <param name="kind">What the label says.</param>
    public LabelSummary(LabelKind kind)
    {
        _isClass = kind is LabelKind.Direction or LabelKind.Move or LabelKind.TripleBarrier;
        _isRatio = !_isClass && kind != LabelKind.Given;
    }

    /// <summary>Rows.</summary>
    public long Rows { get; private set; }

    /// <summary>Rows with a label.</summary>
    public long Labelled => _causes[(int)MissingCause.None];

    /// <summary>Labels above 0, and below.</summary>
    public long Positive { get; private set; }

    /// <inheritdoc cref="Positive"/>
    public long Negative { get; private set; }

    /// <summary>The smallest label, and the largest.</summary>
    public float Min { get; private set; } = float.PositiveInfinity;

    /// <inheritdoc cref="Min"/>
    public float Max { get; private set; } = float.NegativeInfinity;

    /// <summary>Mean of the labels; NaN without any.</summary>
    public double Mean => Labelled > 0 ? _mean : double.NaN;

    /// <summary>Standard deviation of the labels, of the population; NaN without any.</summary>
    public double Deviation => Labelled > 0 ? Math.Sqrt(_squares / Labelled) : double.NaN;

    /// <summary>Whether quantiles are of a sample.</summary>
    public bool IsSampled => Labelled > MaxSample;

    /// <summary>Rows by why they have no label; with <see cref="MissingCause.None"/>, those that have one.</summary>
    public long Count(MissingCause cause) => _causes[(int)cause];

    /// <summary>Takes a row's label.</summary>
    public void Add(in LabelValue label) => Add(label.Value, label.Missing);

    /// <summary>Takes a row's label.</summary>
    /// <param name="value">It.</param>
    /// <param name="missing">Why there is none.</param>
    public void Add(float value, MissingCause missing)
    {
        Rows++;
        _causes[(int)missing]++;
        if (missing != MissingCause.None)
        {
            return;
        }

        long count = Labelled;
        double off = value - _mean;
        _mean += off / count;
        _squares += off * (value - _mean);
        (Min, Max) = (Math.Min(Min, value), Math.Max(Max, value));
        Positive += value > 0 ? 1 : 0;
        Negative += value < 0 ? 1 : 0;
        if (_isClass)
        {
            _classes[(int)value + 1]++;
        }

        for (int i = 0; i < Thresholds.Length && Math.Abs(value) * BasisPoints > Thresholds[i]; i++)
        {
            _beyond[i]++;
        }

        Sample(value, count);
    }

    /// <summary>A quantile, linear between the values next to it; NaN without labels.</summary>
    public double Quantile(double probability)
    {
        if (_sample.Count == 0)
        {
            return double.NaN;
        }

        if (_sorted is null)
        {
            _sorted = [.. _sample];
            Array.Sort(_sorted);
        }

        double at = probability * (_sorted.Length - 1);
        int below = (int)at;
        double next = _sorted[Math.Min(below + 1, _sorted.Length - 1)];
        return _sorted[below] + ((at - below) * (next - _sorted[below]));
    }

    /// <summary>Share of labels whose size is above one of <see cref="Thresholds"/>; NaN without labels.</summary>
    public double ShareBeyond(int threshold) => Labelled > 0 ? (double)_beyond[threshold] / Labelled : double.NaN;

    /// <summary>Some lines for people.</summary>
    public void WriteText(TextWriter writer, string name)
    {
        writer.WriteLine(FormattableString.Invariant($"{name}: {Rows:N0} rows, {Labelled:N0} labelled ({Share(Labelled):P2})"));
        string missing = string.Join("  ", Enum.GetValues<MissingCause>().Where(c => c != MissingCause.None && Count(c) > 0)
            .Select(c => FormattableString.Invariant($"{LabelNames.Of(c)} {Count(c):N0}")));
        writer.WriteLine($"  missing   {(missing.Length > 0 ? missing : "none")}");
        if (Labelled == 0)
        {
            return;
        }

        if (_isClass)
        {
            writer.WriteLine(FormattableString.Invariant(
                $"  classes   -1 {_classes[0]:N0} ({Part(_classes[0]):P2})  0 {_classes[1]:N0} ({Part(_classes[1]):P2})  1 {_classes[2]:N0} ({Part(_classes[2]):P2})"));
            return;
        }

        writer.WriteLine(FormattableString.Invariant(
            $"  {(_isRatio ? "in bps" : "values")}    mean {Bps(Mean)}  deviation {Bps(Deviation)}  min {Bps(Min)}  max {Bps(Max)}  above 0 {Part(Positive):P2}  below 0 {Part(Negative):P2}"));
        writer.WriteLine("  quantiles " + string.Join("  ", Probabilities.Select(p => FormattableString.Invariant($"{p * 100:0.#}% {Bps(Quantile(p))}")))
            + (IsSampled ? FormattableString.Invariant($"  (of {MaxSample:N0} drawn)") : ""));
        if (_isRatio)
        {
            writer.WriteLine("  beyond    " + string.Join("  ", Thresholds.Select((t, i) => FormattableString.Invariant($"{t:0.#} bps {ShareBeyond(i):P3}"))));
        }
    }

    /// <summary>One JSON object; NaN as null.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("rows", Rows);
        json.WriteNumber("labelled", Labelled);
        json.WriteStartObject("missing");
        foreach (MissingCause cause in Enum.GetValues<MissingCause>().Where(c => c != MissingCause.None))
        {
            json.WriteNumber(LabelNames.Of(cause), Count(cause));
        }

        json.WriteEndObject();
        json.WriteNumber("positive", Positive);
        json.WriteNumber("negative", Negative);
        JsonLists.Number(json, "mean", Mean);
        JsonLists.Number(json, "deviation", Deviation);
        JsonLists.Number(json, "min", Min);
        JsonLists.Number(json, "max", Max);
        json.WriteBoolean("quantiles_sampled", IsSampled);
        json.WriteStartObject("quantiles");
        foreach (double probability in Probabilities)
        {
            JsonLists.Number(json, FormattableString.Invariant($"{probability}"), Quantile(probability));
        }

        json.WriteEndObject();
        if (_isRatio || _isClass)
        {
            json.WriteStartObject("share_beyond_bps");
            foreach ((int i, double threshold) in Thresholds.Index())
            {
                JsonLists.Number(json, FormattableString.Invariant($"{threshold}"), ShareBeyond(i));
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>One JSON object as a text.</summary>
    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            WriteJson(json);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private string Bps(double value) => FormattableString.Invariant($"{value * (_isRatio ? BasisPoints : 1):0.###}");

    private double Share(long count) => Rows > 0 ? (double)count / Rows : 0;

    private double Part(long count) => (double)count / Labelled;

    /// <summary>Reservoir sampling (Vitter's algorithm R): every value is in the sample with the same probability.</summary>
    private void Sample(float value, long count)
    {
        _sorted = null;
        if (_sample.Count < MaxSample)
        {
            _sample.Add(value);
        }
        else if ((long)(_random.NextDouble() * count) is var place && place < MaxSample)
        {
            _sample[(int)place] = value;
        }
    }
}
