using System.Text;

namespace Engine.Feeds.BitMex;

/// <summary>What a message does to its table.</summary>
public enum BitMexAction : byte
{
    /// <summary>The whole of it, for a symbol or for all.</summary>
    Partial,

    /// <summary>New rows.</summary>
    Insert,

    /// <summary>Changed columns of rows that are there.</summary>
    Update,

    /// <summary>Rows that leave.</summary>
    Delete,

    /// <summary>A word that is none of these, or no word.</summary>
    Other,
}

/// <summary>A table that is followed.</summary>
internal enum BitMexTable
{
    /// <summary>Every level of the book.</summary>
    Book,

    /// <summary>The best 25 levels a side.</summary>
    Book25,

    /// <summary>Changes of the best bid and ask.</summary>
    Quote,

    /// <summary>Trades.</summary>
    Trade,

    /// <summary>Everything else about an instrument.</summary>
    Instrument,

    /// <summary>How many there are; the number of the first that is only counted.</summary>
    Count,
}

/// <summary>
/// The kinds of messages as entries of <see cref="FeedStatistics.MessagesByType"/>: table × action, then messages without a table.
/// Names of tables that are not followed are kept in the order in which they come, in memory taken at the start.
/// </summary>
/// <remarks>
/// <code>
/// 0 .. 159     table × 5 + action; tables 0 to 4 are followed, 5 to 30 are named as they come, 31 stands for any further
/// 160 .. 167   info, success, error, ping, pong, another object, JSON of another kind, no JSON
/// </code>
/// </remarks>
public sealed class BitMexTables
{
    /// <summary>Most tables that are told apart, with the one that stands for any further.</summary>
    public const int MaxTables = 32;

    /// <summary>Longest name that is kept, bytes; a longer one is cut there.</summary>
    public const int MaxNameBytes = 40;

    internal const int Info = MaxTables * Actions;
    internal const int Success = Info + 1;
    internal const int Error = Info + 2;
    internal const int Ping = Info + 3;
    internal const int Pong = Info + 4;
    internal const int OtherObject = Info + 5;
    internal const int OtherJson = Info + 6;
    internal const int NoJson = Info + 7;

    private const int Actions = 5;

    private static readonly string[] s_followed = ["orderBookL2", "orderBookL2_25", "quote", "trade", "instrument"];
    private static readonly string[] s_actions = ["partial", "insert", "update", "delete", "other"];
    private static readonly string[] s_kinds = ["info", "success", "error", "ping", "pong", "other_object", "other_json", "no_json"];

    private readonly byte[] _names = new byte[MaxTables * MaxNameBytes];
    private readonly int[] _lengths = new int[MaxTables];
    private int _count;

    internal BitMexTables()
    {
        foreach (string name in s_followed)
        {
            _ = Find(Encoding.ASCII.GetBytes(name));
        }
    }

    /// <summary>The name of a kind of message: <c>orderBookL2/update</c>, <c>success</c>.</summary>
    public string Name(int entry) => entry switch
    {
        < 0 => "",
        < Info => $"{TableName(entry / Actions)}/{s_actions[entry % Actions]}",
        _ => entry - Info < s_kinds.Length ? s_kinds[entry - Info] : MessageText.Letter(entry),
    };

    /// <summary>The tables with the number of messages for each action that occurred.</summary>
    /// <param name="messagesByType">The counters.</param>
    public IEnumerable<(string Table, IReadOnlyList<(string Action, long Count)> Actions)> Counts(long[] messagesByType)
    {
        ArgumentNullException.ThrowIfNull(messagesByType);
        for (int table = 0; table < MaxTables; table++)
        {
            (string Action, long Count)[] counts =
                [.. s_actions.Select((name, action) => (name, messagesByType[(table * Actions) + action])).Where(pair => pair.Item2 > 0)];
            if (counts.Length > 0)
            {
                yield return (TableName(table), counts);
            }
        }
    }

    /// <summary>The messages without a table that occurred.</summary>
    /// <param name="messagesByType">The counters.</param>
    public static IEnumerable<(string Kind, long Count)> Others(long[] messagesByType) =>
        s_kinds.Select((name, kind) => (name, messagesByType[Info + kind])).Where(pair => pair.Item2 > 0);

    internal static int Entry(int table, BitMexAction action) => (table * Actions) + (int)action;

    internal static BitMexAction ActionOf(ReadOnlySpan<byte> word) =>
        word.SequenceEqual("update"u8) ? BitMexAction.Update
        : word.SequenceEqual("insert"u8) ? BitMexAction.Insert
        : word.SequenceEqual("delete"u8) ? BitMexAction.Delete
        : word.SequenceEqual("partial"u8) ? BitMexAction.Partial
        : BitMexAction.Other;

    /// <summary>The number of a table; a new name takes the next while there is one.</summary>
    internal int Find(ReadOnlySpan<byte> name)
    {
        name = name[..Math.Min(name.Length, MaxNameBytes)];
        for (int i = 0; i < _count; i++)
        {
            if (name.SequenceEqual(_names.AsSpan(i * MaxNameBytes, _lengths[i])))
            {
                return i;
            }
        }

        if (_count == MaxTables - 1)
        {
            return MaxTables - 1;
        }

        name.CopyTo(_names.AsSpan(_count * MaxNameBytes));
        _lengths[_count] = name.Length;
        return _count++;
    }

    private string TableName(int table) =>
        table < _count ? Encoding.Latin1.GetString(_names, table * MaxNameBytes, _lengths[table]) : "(further tables)";
}
