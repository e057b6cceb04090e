using System.Runtime.CompilerServices;
using Engine.Core.Events;
using Engine.Core.Time;
using Engine.Feeds.Itch;

namespace Engine.Feeds.Tests;

public class LayoutTests
{
    [Test]
    public unsafe void Every_field_of_every_layout_lies_inside_its_shortest_message()
    {
        Assert.That(Unsafe.SizeOf<ItchLayout>(), Is.EqualTo(64));
        for (int type = 0; type < 256; type++)
        {
            // SAFETY: the table has 256 entries.
            ItchLayout layout = ItchLayouts.Table[type];
            if (layout.WireLength == 0)
            {
                Assert.That(layout.FastLength, Is.EqualTo(ItchLayout.Never));
                continue;
            }

            int need = new[]
            {
                11, layout.OrderOffset + 8, layout.ReferenceOffset + 8, layout.QuantityOffset + 4, layout.PriceOffset + 4,
                layout.SideOffset + 1, layout.SymbolOffset == 0 ? 0 : layout.SymbolOffset + 8,
            }.Max();
            Assert.That(need, Is.LessThanOrEqualTo(layout.WireLength), $"type {(char)type}");
            Assert.That(layout.FastLength, Is.EqualTo(layout.WireLength).Or.EqualTo(ItchLayout.Never));
        }
    }

    [Test]
    public void The_event_has_the_eight_bytes_at_48_that_the_decoder_writes_at_once()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Offset(nameof(MarketEvent.Instrument)), Is.EqualTo(48));
            Assert.That(Offset(nameof(MarketEvent.Venue)), Is.EqualTo(52));
            Assert.That(Offset(nameof(MarketEvent.Kind)), Is.EqualTo(53));
            Assert.That(Offset(nameof(MarketEvent.Side)), Is.EqualTo(54));
            Assert.That(Offset(nameof(MarketEvent.Flags)), Is.EqualTo(55));
        });

        static int Offset(string field) => (int)System.Runtime.InteropServices.Marshal.OffsetOf<MarketEvent>(field);
    }

    [TestCase(2019, 12, 30, 1_577_682_000L)]
    [TestCase(2026, 7, 1, 1_782_878_400L)]
    [TestCase(2026, 3, 8, 1_772_946_000L)]
    [TestCase(2026, 3, 9, 1_773_028_800L)]
    [TestCase(2026, 11, 1, 1_793_505_600L)]
    [TestCase(2026, 11, 2, 1_793_595_600L)]
    public void Eastern_midnights_are_right(int year, int month, int day, long seconds)
    {
        DateOnly date = new(year, month, day);
        long midnight = seconds * 1_000_000_000;
        Assert.That(UsEastern.MidnightUtcNanos(date), Is.EqualTo(midnight));
        Assert.That(UsEastern.DateAt(midnight), Is.EqualTo(date));
        Assert.That(UsEastern.DateAt(midnight - 1), Is.EqualTo(date.AddDays(-1)));
    }
}
