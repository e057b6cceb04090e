using System.Text.Json;

namespace Engine.Feeds.BitMex;

/// <summary>The outermost properties of a message that are looked at.</summary>
internal struct BitMexMessage : IJsonTop
{
    /// <summary>The table's name.</summary>
    public JsonPart Table;

    /// <summary>What happens to it.</summary>
    public JsonPart Action;

    /// <summary>The rows.</summary>
    public JsonPart Data;

    /// <summary>The columns by which a partial's rows are told apart.</summary>
    public JsonPart Keys;

    /// <summary>What a partial is restricted to.</summary>
    public JsonPart Filter;

    /// <summary>The entry of a message without a table.</summary>
    public int Kind;

    /// <summary>A property was named twice; the last one counts.</summary>
    public bool HasRepetition;

    /// <summary>Nothing seen yet.</summary>
    public static BitMexMessage None => new() { Kind = BitMexTables.OtherObject };

    /// <inheritdoc/>
    public void OnProperty(ReadOnlySpan<byte> name, JsonPart value)
    {
        switch (name.Length)
        {
            case 4 when name.SequenceEqual("data"u8):
                Set(ref Data, value);
                break;
            case 4 when name.SequenceEqual("keys"u8):
                Set(ref Keys, value);
                break;
            case 4 when name.SequenceEqual("info"u8):
                Kind = BitMexTables.Info;
                break;
            case 5 when name.SequenceEqual("table"u8):
                Set(ref Table, value);
                break;
            case 5 when name.SequenceEqual("error"u8):
                Kind = BitMexTables.Error;
                break;
            case 6 when name.SequenceEqual("action"u8):
                Set(ref Action, value);
                break;
            case 6 when name.SequenceEqual("filter"u8):
                Set(ref Filter, value);
                break;
            case 7 when name.SequenceEqual("success"u8):
                Kind = BitMexTables.Success;
                break;
        }
    }

    /// <summary>Whether a partial is one of the whole table: nothing restricts it.</summary>
    public readonly bool IsUnrestricted => Filter.First is not (byte)'{'
        ? !Filter.IsThere || Filter.First == (byte)'n'
        : Filter.Span[1..^1].IndexOfAnyExcept(" \t\r\n"u8) < 0;

    /// <summary>Whether the rows are an array that holds none.</summary>
    public readonly bool HasNoRows => Data.First == (byte)'[' && Data.Span[1..^1].IndexOfAnyExcept(" \t\r\n"u8) < 0;

    /// <summary>The symbol that a partial is restricted to; empty where it is to none, or to something else.</summary>
    public readonly ReadOnlySpan<byte> FilterSymbol()
    {
        if (Filter.First != (byte)'{')
        {
            return default;
        }

        ReadOnlySpan<byte> symbol = default;
        Utf8JsonReader reader = new(Filter.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isSymbol = reader.ValueSpan.SequenceEqual("symbol"u8);
            reader.Read();
            if (isSymbol && reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped)
            {
                symbol = reader.ValueSpan;
            }

            reader.Skip();
        }

        return symbol;
    }

    /// <summary>Whether a book's partial is told apart by symbol, id and perhaps side, which is what can be followed. A partial that
    /// does not say it has the usual three.</summary>
    /// <param name="side">Whether the side is one of them.</param>
    public readonly bool HasKnownKeys(out bool side)
    {
        side = !Keys.IsThere;
        if (side)
        {
            return true;
        }

        bool id = false, known = Keys.First == (byte)'[';
        Utf8JsonReader reader = new(Keys.Span);
        reader.Read();
        while (known && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            bool isText = reader.TokenType == JsonTokenType.String;
            id |= isText && reader.ValueSpan.SequenceEqual("id"u8);
            side |= isText && reader.ValueSpan.SequenceEqual("side"u8);
            known = isText && (reader.ValueSpan.SequenceEqual("id"u8) || reader.ValueSpan.SequenceEqual("side"u8) || reader.ValueSpan.SequenceEqual("symbol"u8));
        }

        return known && id;
    }

    private void Set(ref JsonPart part, JsonPart value)
    {
        HasRepetition |= part.IsThere;
        part = value;
    }
}
