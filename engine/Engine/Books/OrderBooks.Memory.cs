using System.Runtime.CompilerServices;

namespace Engine.Books;

/// <content>What the books hold of the machine's memory.</content>
public sealed partial class OrderBooks
{
    /// <summary>The bytes of each structure, all of which are reserved at construction; a page that is never touched is never resident.</summary>
    public IReadOnlyList<(string Name, long Bytes)> MemoryByStructure() =>
    [
        ("orders", (long)_lastOrder),
        ("index of order ids", ((long)_indexBuffer.Length * sizeof(ulong)) + ((long)_placeBuffer.Length * sizeof(int))),
        ("levels near the touch", ((long)_nodeBuffer.Length * Node.Bytes) - _lastLevel),
        ("levels away from it", (long)_lastLevel - _lastOrder),
        ("ladders", _ladders.Bytes),
        ("heads of books", (long)_headBuffer.Length * Unsafe.SizeOf<BookHead>()),
        ("orders without a side", SidelessOrders.Bytes),
    ];
}
