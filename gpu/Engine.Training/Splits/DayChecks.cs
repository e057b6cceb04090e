using System.Globalization;
using Engine.Core.Events;
using Engine.Features;
using Engine.Features.Contracts;
using Engine.Feeds;
using Engine.Feeds.Captures;
using Engine.Feeds.Network.Recovery;
using Engine.Recording;
using Engine.Recording.Hdf5;
using Engine.Training.Datasets;
using Engine.Training.Labels;

namespace Engine.Training.Splits;

/// <summary>Holds a day's file against what it was made from: its own hash, its tape, its captures.</summary>
public static class DayChecks
{
    /// <summary>Whether rows and tape are those that were written, by the file's hashes over them.</summary>
    public static Leak? Changed(DatasetFile file) =>
        Changed(file, "rows", file.RowsHash, file.ComputeRowsHash()) ?? Changed(file, "tape", file.QuotesHash, file.ComputeQuotesHash());

    /// <summary>Whether a label is what its definition makes of the tape, or of what was given, value for value and end for end.</summary>
    /// <param name="file">The day.</param>
    /// <param name="label">The label's name.</param>
    /// <param name="kept">The given labels that the data set keeps, which all its days share; null to read them for this one.</param>
    /// <exception cref="DatasetException">There is no such label, or it has no definition of this build.</exception>
    public static Leak? Label(DatasetFile file, string label, Lazy<GivenLabels>? kept = null)
    {
        LabelDefinition definition = LabelDefinition.Parse(
            file.LabelDefinition(label) ?? throw new DatasetException($"{file.Path}: has no label {label}; add it with lab label"));
        GivenLabels? given = definition.Kind == LabelKind.Given ? kept?.Value ?? GivenLabels.ReadKept(Path.GetDirectoryName(file.Path) ?? "", label) : null;
        if (given is not null && given.Hash != definition.Source)
        {
            return new Leak(
                LeakKind.WrongLabel, $"it was made from labels {definition.Source}, and those kept are {given.Hash}", $"{file.Path}: label {label}", "label the data set again with --from and -f");
        }

        long start = 0;
        Leak? found = null;
        string maker = given is null ? "the tape makes" : "what was given makes";
        LabelWriter.ForEachChunk(file, DayLabels.Of(file, definition, given), (values, ends, _) =>
        {
            var (thereValues, thereEnds) = (new float[values.Length], new long[ends.Length]);
            file.ReadLabel(label, start, thereValues, thereEnds);
            for (int i = 0; i < values.Length && found is null; i++)
            {
                if (BitConverter.SingleToInt32Bits(values[i]) != BitConverter.SingleToInt32Bits(thereValues[i]) || ends[i] != thereEnds[i])
                {
                    found = new Leak(
                        LeakKind.WrongLabel,
                        FormattableString.Invariant($"it is {thereValues[i]} up to {SplitRange.Text(thereEnds[i])}, and {maker} it {values[i]} up to {SplitRange.Text(ends[i])}"),
                        FormattableString.Invariant($"{file.Path}: label {label}, row {start + i}"),
                        "label the day again with -f");
                }
            }

            start += values.Length;
        });
        return found;
    }

    /// <summary>
    /// Whether each row and, with all rows, the tape is, bit for bit, what the engine makes of the captures when it has read no further than the packet that made the row due.
    /// A column that knows more than that cannot come out.
    /// </summary>
    /// <param name="file">The day.</param>
    /// <param name="captures">Its captures.</param>
    /// <param name="mostRows">How many rows to look at: the captures are read no further than that.</param>
    /// <param name="made">Told how many rows were made again; null for nobody.</param>
    /// <exception cref="DatasetException">The captures are not the day's, or its contract or configuration is not one of this build.</exception>
    /// <exception cref="CaptureException">A capture cannot be read.</exception>
    public static Leak? Rows(DatasetFile file, IReadOnlyList<string> captures, long mostRows = long.MaxValue, Action<long>? made = null)
    {
        DatasetOptions options = OptionsOf(file);
        using MarketDataSource source = CaptureSource.Open(captures, options.Feed());
        LoggedFile[] given = DatasetDayBuilder.Head(source, file.Rows.Head.Contract, options).Captures.ToArray();
        if (!given.SequenceEqual(file.Rows.Head.Captures))
        {
            throw new DatasetException($"{file.Path}: was made from {Names(file.Rows.Head.Captures)}, and given are {Names(given)}; name its captures in their order");
        }

        using var comparison = new RowComparison(file, mostRows, options.Limits.Instruments);
        FeatureSet set = FeatureSet.Create(options.Contract, options.Sampling, options.Limits);
        DatasetDayBuilder.Drive(source, set, options.Limits, comparison, "", null);
        comparison.End();
        made?.Invoke(comparison.Rows);
        return comparison.Found;
    }

    /// <summary>How the day's captures became rows.</summary>
    /// <exception cref="DatasetException">Its contract or configuration is not one of this build.</exception>
    public static DatasetOptions OptionsOf(DatasetFile file)
    {
        FeatureFileHead head = file.Rows.Head;
        RunConfiguration configuration = head.Configuration;
        try
        {
            return new DatasetOptions
            {
                Contract = ContractDefinition.Of(head.Contract),
                Sampling = Sampling.TryParse(configuration.Sampling, out Sampling sampling) ? sampling : throw new FormatException($"sampling {configuration.Sampling}"),
                Symbols = configuration.Symbols,
                Venue = Enum.GetValues<Venue>().FirstOrDefault(v => v != Venue.None && EventNames.Of(v) == configuration.Venue),
                Gaps = GapPolicy.TryParse(configuration.Gaps, out GapPolicy gaps) ? gaps : throw new FormatException($"gaps {configuration.Gaps}"),
                Date = configuration.Date is { } date ? DateOnly.ParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture) : null,
                ToolVersion = head.EngineVersion,
            };
        }
        catch (Exception e) when (e is ContractException or FormatException)
        {
            throw new DatasetException($"{file.Path}: cannot be made again by this build: {e.Message}", isData: true);
        }
    }

    private static Leak? Changed(DatasetFile file, string part, string there, string here) => here == there ? null : new Leak(
        LeakKind.ChangedData, $"the hash over its {part} is {here}, and it says {there}: something was changed after it was made", file.Path, "build the day again with -f");

    private static string Names(IEnumerable<LoggedFile> files) => string.Join(" ", files.Select(f => $"{f.Name} ({f.Sha256[..8]})"));
}
