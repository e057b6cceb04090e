using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Engine.Books;
using Engine.Signals;

namespace Engine.Tests.Books;

/// <summary>Sizes and offsets of what lies in native memory or in a file; drift fails.</summary>
public sealed class BookLayoutTests
{
    [Test]
    public void Sizes() => Assert.Multiple(() =>
    {
        Assert.That(Unsafe.SizeOf<Order>(), Is.EqualTo(32));
        Assert.That(Unsafe.SizeOf<Level>(), Is.EqualTo(32));
        Assert.That(Unsafe.SizeOf<Node>(), Is.EqualTo(32).And.EqualTo(Node.Bytes).And.EqualTo(HashedOrderIndex.SlotBytes));
        Assert.That(Unsafe.SizeOf<LevelChange>(), Is.EqualTo(32));
        Assert.That(Unsafe.SizeOf<Ladder>(), Is.EqualTo(12));
        Assert.That(Unsafe.SizeOf<BookSide>(), Is.EqualTo(28));
        Assert.That(Unsafe.SizeOf<BookHead>(), Is.EqualTo(64));
        Assert.That(Unsafe.SizeOf<Prediction>(), Is.EqualTo(64));
    });

    [TestCase(typeof(Order), "Id:0 EntryTime:8 Quantity:16 Next:20 Previous:24 Level:28")]
    [TestCase(typeof(Level), "Price:0 Quantity:8 Count:16 Next:20 Previous:24 Side:28")]
    [TestCase(typeof(Node), "Next:20 Previous:24")]
    [TestCase(typeof(Ladder), "Best:0 Count:4 Limit:8")]
    [TestCase(typeof(BookSide), "Near:0 Origin:8 Scale:16 Count:24")]
    [TestCase(typeof(Prediction), "Kind:0 Trust:1 Flags:2 Model:3 Instrument:4 ExchangeTime:8 ReceiveTime:16 Sequence:24 Event:32 RowDigest:40 Value:48 Missing:52 Check:60")]
    public void Offsets(Type type, string expected) =>
        Assert.That(string.Join(' ', type.GetFields(BindingFlags.Instance | BindingFlags.Public).Select(f => $"{f.Name}:{Marshal.OffsetOf(type, f.Name)}")), Is.EqualTo(expected));

    /// <summary>The marshaller widens booleans, so the head's offsets are measured on one.</summary>
    [Test]
    public void Offsets_of_the_head()
    {
        var head = default(BookHead);
        Assert.Multiple(() =>
        {
            Assert.That(Offset(ref head, ref Unsafe.As<BookSide, byte>(ref head.Bid)), Is.Zero);
            Assert.That(Offset(ref head, ref Unsafe.As<BookTrust, byte>(ref head.Trust)), Is.EqualTo(28));
            Assert.That(Offset(ref head, ref Unsafe.As<bool, byte>(ref head.Loose)), Is.EqualTo(29));
            Assert.That(Offset(ref head, ref Unsafe.As<sbyte, byte>(ref head.Reach)), Is.EqualTo(30));
            Assert.That(Offset(ref head, ref Unsafe.As<BookSide, byte>(ref head.Ask)), Is.EqualTo(32));
            Assert.That(Offset(ref head, ref Unsafe.As<uint, byte>(ref head.Version)), Is.EqualTo(60));
        });
    }

    private static int Offset(ref BookHead head, ref byte field) => (int)Unsafe.ByteOffset(ref Unsafe.As<BookHead, byte>(ref head), ref field);
}
