using System.Globalization;
using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Features;
using Engine.Features.Contracts;
using Engine.Signals;

namespace Engine.TestKit.Features;

/// <summary>A pipeline beside the definitions: the same events, and every row and column compared.</summary>
public sealed class FeatureAgreement : IDisposable
{
    /// <summary>Units whose values are whole numbers, or one division of two: no other value is nearest.</summary>
    private static readonly string[] s_exactUnits = ["shares", "trades", "orders", "level"];

    private readonly FeatureSet _set;

    /// <param name="contract">Name of a contract that comes with the engine.</param>
    /// <param name="sampling">Its sampling, as text.</param>
    /// <param name="limits">Bounds of both.</param>
    public FeatureAgreement(string contract, string sampling, EngineLimits limits)
        : this(ContractDefinition.BuiltIn(contract), sampling, limits)
    {
    }

    /// <param name="contract">The contract.</param>
    /// <param name="sampling">Its sampling, as text.</param>
    /// <param name="limits">Bounds of both.</param>
    public FeatureAgreement(ContractDefinition contract, string sampling, EngineLimits limits)
    {
        Sampling rule = Sampling.TryParse(sampling, out Sampling parsed) ? parsed : throw new ArgumentException(sampling, nameof(sampling));
        _set = FeatureSet.Create(contract, rule, limits);
        Pipeline = new Pipeline<Keeper>(limits, _set, new Keeper([]), new StageTimer { Enabled = false });
        Naive = new NaiveRun(limits, rule, _set.Contract.Features.ToArray());
    }

    /// <summary>What is tested.</summary>
    public Pipeline<Keeper> Pipeline { get; }

    /// <summary>The definitions.</summary>
    public NaiveRun Naive { get; }

    /// <summary>The contract.</summary>
    public FeatureContract Contract => _set.Contract;

    /// <summary>Rows compared.</summary>
    public long Rows { get; private set; }

    /// <summary>The last row that was compared; empty before the first.</summary>
    public float[] LastRow { get; private set; } = [];

    /// <summary>Gives both an event; answers the first difference of the rows it made in words, or null.</summary>
    public string? OnEvent(MarketEvent e)
    {
        List<(RowStamp Stamp, float[] Values)> rows = Pipeline.Rows.Rows;
        rows.Clear();
        IReadOnlyList<NaiveRow> expected = Naive.OnEvent(e);
        Pipeline.OnEvent(ref e);
        Rows += expected.Count;
        if (rows.Count != expected.Count)
        {
            return $"{rows.Count} rows, expected {expected.Count}";
        }

        string? difference = null;
        for (int r = 0; r < rows.Count && difference is null; r++)
        {
            LastRow = rows[r].Values;
            difference = Difference(rows[r].Stamp, rows[r].Values, expected[r]);
        }

        return difference;
    }

    /// <inheritdoc/>
    public void Dispose() => Pipeline.Dispose();

    private string? Difference(RowStamp stamp, float[] row, NaiveRow expected)
    {
        if (stamp != new RowStamp(expected.Instrument, expected.Time, expected.Event, expected.Trust))
        {
            return $"{stamp}, expected instrument {expected.Instrument} at {expected.Time}, event {expected.Event}, {expected.Trust}";
        }

        for (int c = 0; c < row.Length; c++)
        {
            FeatureSpec column = Contract.Features[c];
            double want = expected.Columns[column.Name];
            if (!IsClose(row[c], want, s_exactUnits.Contains(column.Unit)))
            {
                return string.Create(CultureInfo.InvariantCulture, $"{column.Name} of {expected.Instrument} at {expected.Time} is {row[c]:R}, expected {want:R}");
            }
        }

        return null;
    }

    private static bool IsClose(float got, double want, bool isExact) => double.IsNaN(want)
        ? BitConverter.SingleToInt32Bits(got) == BitConverter.SingleToInt32Bits(float.NaN)
        : (isExact ? got == (float)want : Math.Abs(got - want) <= 1e-9 + (1e-6 * Math.Abs(want))) && BitConverter.SingleToUInt32Bits(got) != 0x8000_0000;

    /// <summary>Keeps the rows that an event made.</summary>
    /// <param name="rows">Where to.</param>
    public readonly struct Keeper(List<(RowStamp Stamp, float[] Values)> rows) : IRowHandler
    {
        /// <summary>The rows.</summary>
        public List<(RowStamp Stamp, float[] Values)> Rows => rows;

        /// <inheritdoc/>
        public void OnRow(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row) => rows.Add((stamp, row.ToArray()));
    }
}
