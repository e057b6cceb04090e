using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Engine.Feeds.BitMex;

/// <summary>The columns that are read.</summary>
internal enum BitMexColumn
{
    /// <summary>Of every table.</summary>
    Symbol,

    /// <summary>Of every table; of books only since they carry it.</summary>
    Timestamp,

    /// <summary>Of books.</summary>
    Id,

    /// <summary>Of books: the level's; of trades: the taker's.</summary>
    Side,

    /// <summary>Of books and trades.</summary>
    Size,

    /// <summary>Of books and trades.</summary>
    Price,

    /// <summary>Of trades.</summary>
    Match,

    /// <summary>Of quotes.</summary>
    BidPrice,

    /// <summary>Of quotes.</summary>
    BidSize,

    /// <summary>Of quotes.</summary>
    AskPrice,

    /// <summary>Of quotes.</summary>
    AskSize,

    /// <summary>Of instruments: the index as it stands for settlement.</summary>
    IndexPrice,

    /// <summary>Of instruments.</summary>
    MarkPrice,

    /// <summary>Of instruments: the rate of the next funding.</summary>
    FundingRate,

    /// <summary>Of instruments: the rate of the funding after it, as it stands.</summary>
    NextFundingRate,

    /// <summary>Of instruments: when the next funding is.</summary>
    FundingTime,

    /// <summary>How many there are; a name that is not read.</summary>
    Count,
}

/// <summary>What a column holds.</summary>
internal enum BitMexCell : byte
{
    /// <summary>The row does not have it.</summary>
    Missing,

    /// <summary><c>null</c>.</summary>
    Null,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A string without escapes.</summary>
    Text,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>One datum of a table, taken apart: where each column's text is and what it is.</summary>
internal unsafe struct BitMexRow
{
    private const int Columns = (int)BitMexColumn.Count;

    private Cells _cells;

    /// <summary>The row's object.</summary>
    public JsonPart Whole { get; private set; }

    /// <summary>A column was named twice; the last one counts.</summary>
    public bool HasRepetition { get; private set; }

    /// <summary>What a column holds.</summary>
    public readonly BitMexCell Kind(BitMexColumn column) => _cells[(int)column].Kind;

    /// <summary>A column's text: a number as it stands, a string without its quotes.</summary>
    public readonly ReadOnlySpan<byte> Text(BitMexColumn column) => new((byte*)_cells[(int)column].At, _cells[(int)column].Length);

    /// <summary>Reads the object at whose brace the reader stands.</summary>
    /// <param name="reader">Over text that was checked; left at the closing brace.</param>
    /// <param name="start">The first byte of the reader's text.</param>
    public void Read(ref Utf8JsonReader reader, byte* start)
    {
        // SAFETY: token positions lie in the reader's text, which begins at start.
        this = default;
        long from = reader.TokenStartIndex;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            BitMexColumn column = reader.ValueIsEscaped ? BitMexColumn.Count : Find(reader.ValueSpan);
            reader.Read();
            if (column == BitMexColumn.Count)
            {
                reader.Skip();
                continue;
            }

            ref Cell cell = ref _cells[(int)column];
            HasRepetition |= cell.Kind != BitMexCell.Missing;
            bool isText = reader.TokenType == JsonTokenType.String;
            cell.At = (nint)(start + reader.TokenStartIndex + (isText ? 1 : 0));
            cell.Length = reader.ValueSpan.Length;
            cell.Kind = reader.TokenType switch
            {
                JsonTokenType.Number => BitMexCell.Number,
                JsonTokenType.String when !reader.ValueIsEscaped => BitMexCell.Text,
                JsonTokenType.Null => BitMexCell.Null,
                _ => BitMexCell.Other,
            };
            reader.Skip();
        }

        Whole = new JsonPart((nint)(start + from), (int)(reader.BytesConsumed - from));
    }

    private static BitMexColumn Find(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 when name.SequenceEqual("id"u8) => BitMexColumn.Id,
        4 when name.SequenceEqual("side"u8) => BitMexColumn.Side,
        4 when name.SequenceEqual("size"u8) => BitMexColumn.Size,
        5 when name.SequenceEqual("price"u8) => BitMexColumn.Price,
        6 when name.SequenceEqual("symbol"u8) => BitMexColumn.Symbol,
        7 when name.SequenceEqual("bidSize"u8) => BitMexColumn.BidSize,
        7 when name.SequenceEqual("askSize"u8) => BitMexColumn.AskSize,
        8 when name.SequenceEqual("bidPrice"u8) => BitMexColumn.BidPrice,
        8 when name.SequenceEqual("askPrice"u8) => BitMexColumn.AskPrice,
        9 when name.SequenceEqual("timestamp"u8) => BitMexColumn.Timestamp,
        9 when name.SequenceEqual("markPrice"u8) => BitMexColumn.MarkPrice,
        10 when name.SequenceEqual("trdMatchID"u8) => BitMexColumn.Match,
        11 when name.SequenceEqual("fundingRate"u8) => BitMexColumn.FundingRate,
        16 when name.SequenceEqual("fundingTimestamp"u8) => BitMexColumn.FundingTime,
        21 when name.SequenceEqual("indicativeSettlePrice"u8) => BitMexColumn.IndexPrice,
        21 when name.SequenceEqual("indicativeFundingRate"u8) => BitMexColumn.NextFundingRate,
        _ => BitMexColumn.Count,
    };

    private struct Cell
    {
        public nint At;
        public int Length;
        public BitMexCell Kind;
    }

    [InlineArray(Columns)]
    private struct Cells
    {
        private Cell _first;
    }
}
