using System.Buffers.Binary;
using System.Text;

namespace Engine.Simulator.Tests.Live;

/// <summary>
/// The market the slow and obvious way: a list of all live orders from the oldest to the youngest, and the directory.
/// <see cref="Text"/> sorts it into queues, so that two markets can be compared.
/// </summary>
internal sealed class NaiveQueues
{
    private readonly List<(ulong Id, string Place, bool IsBuy, uint Price, uint Shares, string Attribution)> _orders = [];
    private readonly SortedDictionary<int, string> _instruments = [];

    public NaiveQueues(IEnumerable<byte[]> messages)
    {
        foreach (byte[] message in messages)
        {
            Apply(message);
        }
    }

    public int Count => _orders.Count;

    /// <summary>A line for each instrument and for each order, queue by queue.</summary>
    public string Text()
    {
        IEnumerable<string> orders = _orders
            .GroupBy(o => (o.Place, o.IsBuy, o.Price))
            .OrderBy(g => g.Key.Place, StringComparer.Ordinal).ThenBy(g => g.Key.IsBuy).ThenBy(g => g.Key.Price)
            .SelectMany(g => g.Select(o => $"{o.Place} {o.IsBuy} {o.Price} order {o.Id} of {o.Shares} by {o.Attribution}"));
        return string.Join('\n', _instruments.Values.Concat(orders));
    }

    private void Apply(byte[] m)
    {
        int locate = BinaryPrimitives.ReadUInt16BigEndian(m.AsSpan(1));
        int at = m.Length >= 19 ? _orders.FindIndex(o => o.Id == U64(m, 11)) : -1;
        switch ((char)m[0])
        {
            case 'R' or 'H' or 'Y':
                _instruments[(m[0] << 16) | locate] = Convert.ToHexString(m);
                break;
            case 'A' or 'F':
                string stock = $"{locate} {Encoding.ASCII.GetString(m, 24, 8)}";
                _orders.Add((U64(m, 11), stock, m[19] == 'B', U32(m, 32), U32(m, 20), Encoding.ASCII.GetString(m, 36, m.Length - 36)));
                break;
            case 'E' or 'C' or 'X':
                _orders[at] = _orders[at] with { Shares = _orders[at].Shares - U32(m, 19) };
                if (_orders[at].Shares == 0)
                {
                    _orders.RemoveAt(at);
                }

                break;
            case 'D':
                _orders.RemoveAt(at);
                break;
            case 'U':
                var old = _orders[at];
                _orders.RemoveAt(at);
                _orders.Add(old with { Id = U64(m, 19), Shares = U32(m, 27), Price = U32(m, 31) });
                break;
        }
    }

    private static uint U32(byte[] m, int at) => BinaryPrimitives.ReadUInt32BigEndian(m.AsSpan(at));

    private static ulong U64(byte[] m, int at) => BinaryPrimitives.ReadUInt64BigEndian(m.AsSpan(at));
}
