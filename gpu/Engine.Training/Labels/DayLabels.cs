using Engine.Books;
using Engine.Core.Hdf5;
using Engine.Recording.Hdf5;
using Engine.Training.Datasets;

namespace Engine.Training.Labels;

/// <summary>What makes the labels of a day's rows.</summary>
internal abstract class DayLabels
{
    /// <summary>The label of one row.</summary>
    /// <param name="row">Number of the row in the file.</param>
    /// <param name="place">Its instrument: index into the file's symbols.</param>
    /// <param name="labelled">What a label sees of it.</param>
    public abstract LabelValue Of(long row, int place, in LabelledRow labelled);

    /// <summary>What makes them by a definition: the day's tape, or labels that were given.</summary>
    /// <param name="file">The day.</param>
    /// <param name="definition">What the label says.</param>
    /// <param name="given">The labels, where the definition is of given ones.</param>
    public static DayLabels Of(DatasetFile file, LabelDefinition definition, GivenLabels? given) => definition.Kind != LabelKind.Given
        ? new TapeLabels(file, new Labeller(definition, QuoteTape.Read(file)))
        : new JoinedLabels(file, given ?? throw new ArgumentNullException(nameof(given)));

    private static void Check(DatasetFile file, int place)
    {
        if ((uint)place >= (uint)file.Rows.SymbolIds.Length)
        {
            throw new Hdf5Exception($"{file.Path}: a row names instrument {place}, and there are {file.Rows.SymbolIds.Length} symbols");
        }
    }

    /// <summary>Labels from the day's tape.</summary>
    private sealed class TapeLabels(DatasetFile file, Labeller labeller) : DayLabels
    {
        public override LabelValue Of(long row, int place, in LabelledRow labelled)
        {
            Check(file, place);
            return labeller.Of(file.Rows.SymbolIds[place], labelled);
        }
    }

    /// <summary>
    /// Given labels, joined by symbol and exact time. Of several rows of an instrument at one time the last has it, which saw all that
    /// the exchange told then; a row whose own book was not good has none. 13 bytes a row.
    /// </summary>
    private sealed class JoinedLabels : DayLabels
    {
        private readonly DatasetFile _file;
        private readonly GivenLabels _given;
        private readonly bool[] _isLast;

        public JoinedLabels(DatasetFile file, GivenLabels given)
        {
            (_file, _given) = (file, given);
            int count = checked((int)file.Rows.Rows);
            var (times, instruments) = (new long[count], new int[count]);
            file.ReadColumn(FeatureFileFormat.Time, 0, times.AsSpan());
            file.ReadColumn(FeatureFileFormat.Instrument, 0, instruments.AsSpan());
            _isLast = new bool[count];
            var later = new Dictionary<int, long>();
            for (int row = count - 1; row >= 0; row--)
            {
                _isLast[row] = !later.TryGetValue(instruments[row], out long next) || next != times[row];
                later[instruments[row]] = times[row];
            }
        }

        public override LabelValue Of(long row, int place, in LabelledRow labelled)
        {
            Check(_file, place);
            return !_isLast[row] || !_given.TryFind(_file.Rows.Symbols[place], labelled.Time, out GivenLabel given)
                ? new LabelValue(float.NaN, labelled.Time, MissingCause.NotGiven)
                : labelled.Trust != (byte)BookTrust.Good ? new LabelValue(float.NaN, given.End, MissingCause.OwnBook)
                : new LabelValue(given.Value, given.End, MissingCause.None);
        }
    }
}
