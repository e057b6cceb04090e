using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Engine.Core.Events;

namespace Engine.Core.Tests.Events;

/// <summary>The layout that logs, rings and other processes rely on.</summary>
public class MarketEventLayoutTests
{
    [Test]
    public void Is_one_cache_line()
    {
        Assert.That(Unsafe.SizeOf<MarketEvent>(), Is.EqualTo(64));
        Assert.That(MarketEvent.SizeInBytes, Is.EqualTo(64));
        Assert.That(RuntimeHelpers.IsReferenceOrContainsReferences<MarketEvent>(), Is.False);
    }

    [TestCase(nameof(MarketEvent.ExchangeTime), 0)]
    [TestCase(nameof(MarketEvent.ReceiveTime), 8)]
    [TestCase(nameof(MarketEvent.Price), 16)]
    [TestCase(nameof(MarketEvent.Quantity), 24)]
    [TestCase(nameof(MarketEvent.OrderId), 32)]
    [TestCase(nameof(MarketEvent.Reference), 40)]
    [TestCase(nameof(MarketEvent.Instrument), 48)]
    [TestCase(nameof(MarketEvent.Venue), 52)]
    [TestCase(nameof(MarketEvent.Kind), 53)]
    [TestCase(nameof(MarketEvent.Side), 54)]
    [TestCase(nameof(MarketEvent.Flags), 55)]
    [TestCase(nameof(MarketEvent.Sequence), 56)]
    public void Has_its_fields_in_place(string field, int offset) =>
        Assert.That((int)Marshal.OffsetOf<MarketEvent>(field), Is.EqualTo(offset));

    [Test]
    public void Has_no_field_outside_the_table() =>
        Assert.That(typeof(MarketEvent).GetFields(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Public), Has.Length.EqualTo(12));

    [Test]
    public void Keeps_what_is_written_where_it_is_read()
    {
        MarketEvent item = new() { ExchangeTime = 0x0102030405060708, Kind = EventKind.Trade, Flags = EventFlags.LastOfEvent, Sequence = ulong.MaxValue };
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<MarketEvent>(in item));
        Assert.That(bytes[0], Is.EqualTo(8));
        Assert.That(bytes[53], Is.EqualTo((byte)EventKind.Trade));
        Assert.That(bytes[55], Is.EqualTo(1));
        Assert.That(bytes[63], Is.EqualTo(255));
    }
}
