using System.Runtime.CompilerServices;
using Engine.Feeds.Captures;

namespace Engine.Feeds.Dbn;

/// <summary>Where the reading of one DBN file stands.</summary>
internal sealed unsafe class DbnStream : RecordStream
{
    private readonly long[] _records = new long[256];
    private readonly Dictionary<uint, byte[]> _named = [];

    /// <param name="file">The mapped content.</param>
    /// <param name="index">Its place in the order given.</param>
    /// <exception cref="CaptureException">Metadata that cannot be read.</exception>
    public DbnStream(CaptureFile file, int index)
        : base(file, index)
    {
        Metadata = new DbnMetadata(file);
        At = file.Start + Metadata.Records;
    }

    /// <summary>What stands before the records.</summary>
    public DbnMetadata Metadata { get; }

    /// <summary>The next record's receive time, else its event time; 0 for a record that is passed over, or cut.</summary>
    public override long NextTime
    {
        get
        {
            // SAFETY: the length and type are read where two bytes are left, the times where the whole record is.
            long left = End - At;
            int length = left < 2 ? 0 : DbnLayouts.LengthOf(At[1]);
            if (length == 0 || left < length || At[0] * DbnLayouts.Unit < length)
            {
                return 0;
            }

            ulong receive = Unsafe.ReadUnaligned<ulong>(At + (length == DbnLayouts.MboLength ? 40 : 32));
            return (long)Math.Min(long.MaxValue, receive <= long.MaxValue ? receive : Unsafe.ReadUnaligned<ulong>(At + 8));
        }
    }

    /// <inheritdoc/>
    public override SourceFault? Fault => base.Fault ?? Foreign();

    /// <summary>Counts a record.</summary>
    public void Count(byte type) => _records[type]++;

    /// <summary>Takes note of a symbol that a record names: it holds from there on.</summary>
    /// <param name="instrument">The instrument id.</param>
    /// <param name="symbol">Its symbol.</param>
    /// <param name="most">Most instruments that may be named so.</param>
    /// <returns>False when there is no room.</returns>
    public bool TryName(uint instrument, ReadOnlySpan<byte> symbol, int most)
    {
        if (_named.TryGetValue(instrument, out byte[]? known) && symbol.SequenceEqual(known))
        {
            return true;
        }

        if (known is null && _named.Count >= most)
        {
            return false;
        }

        _named[instrument] = symbol.ToArray();
        return true;
    }

    /// <summary>The symbol of an instrument id on a day; empty when the file does not say it.</summary>
    public ReadOnlySpan<byte> SymbolOf(uint instrument, int day)
    {
        if (_named.TryGetValue(instrument, out byte[]? symbol))
        {
            return symbol;
        }

        if (Metadata.Symbols.TryGetValue(instrument, out List<DbnInterval>? intervals))
        {
            foreach (DbnInterval interval in intervals)
            {
                if (day >= interval.First && day < interval.Behind)
                {
                    return interval.Symbol;
                }
            }
        }

        return default;
    }

    /// <summary>A file of other record types alone holds nothing for books.</summary>
    private SourceFault? Foreign()
    {
        bool hasFeed = _records[DbnLayouts.Mbo] + _records[DbnLayouts.Mbp10] + _records[DbnLayouts.Trades] > 0;
        string[] seen =
        [
            .. Enumerable.Range(0, 256).Where(type => _records[type] > 0)
                .Select(type => FormattableString.Invariant($"{_records[type]:N0} {DbnMessageText.Instance.TypeName(type)}")),
        ];
        return hasFeed || seen.Length == 0 ? null : new SourceFault(
            File.Path,
            -1,
            $"{File.Path}: is DBN of schema {Metadata.Schema} with {string.Join(", ", seen)} records and none of mbo, mbp-10 or trades, which are read");
    }
}
