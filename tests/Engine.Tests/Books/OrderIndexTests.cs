using Engine.Books;
using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.TestKit;

namespace Engine.Tests.Books;

/// <summary>The index of order ids: places taken by later ids, ids that come again, both halves of an id.</summary>
public sealed unsafe class OrderIndexTests
{
    private const int Orders = 64;

    [Test]
    public void Ids_that_share_places_agree_with_a_dictionary()
    {
        // Runs of neighbours a table's length apart, and the edges of what an id can be.
        ulong[] ids =
        [
            0, 1, ulong.MaxValue, 1UL << 32, (1UL << 32) + 1, 1UL << 63,
            .. Enumerable.Range(1, 12).SelectMany(block => Enumerable.Range(0, 8).Select(i => ((ulong)block * Orders) + (ulong)i)),
        ];
        foreach (ulong seed in Seeds.Take(20))
        {
            var random = new SeededRandom(seed);
            using var table = new Table();
            int displaced = 0;
            for (int step = 0; step < 5_000; step++)
            {
                table.Toggle(ids[random.Next(ids.Length)]);
                displaced = Math.Max(displaced, table.Displaced);
                if (step % 16 == 0)
                {
                    table.Agree(ids, seed, step);
                }
            }

            Assert.That(displaced, Is.GreaterThan(8), $"seed {seed}: nothing was displaced");
        }
    }

    [Test]
    public void Ids_that_count_up_displace_only_those_that_live_longer_than_the_table_is_long()
    {
        using var table = new Table();
        table.Toggle(7);
        for (ulong id = 100; id < 100 + (3 * Orders); id++)
        {
            table.Toggle(id);
            if (id >= 110)
            {
                table.Toggle(id - 10);
            }
        }

        Assert.That(table.Displaced, Is.EqualTo(1));
        table.Agree([7, 100, 280, 290], 0, 0);
        table.Toggle(7);
        Assert.That(table.Displaced, Is.Zero);
        table.Agree([7, 290], 0, 1);
    }

    [Test]
    public void A_live_id_is_not_claimed_again_wherever_it_lies()
    {
        using var table = new Table();
        table.Toggle(3);
        Assert.That(table.TryClaim(3), Is.False, "at its place");
        table.Toggle(3 + Orders);
        Assert.That(table.Displaced, Is.EqualTo(1));
        Assert.That(table.TryClaim(3), Is.False, "displaced");
        Assert.That(table.TryClaim(3 + Orders), Is.False, "the one that displaced it");
        table.Agree([3, 3 + Orders], 0, 0);
    }

    /// <summary>The short way is for ids above all that were displaced, until none is.</summary>
    [Test]
    public void Ids_are_free_without_a_look_when_no_displaced_one_is_as_great()
    {
        using var table = new Table();
        Assert.That(table.IsFree(5), Is.True);
        table.Toggle(3);
        table.Toggle(3 + Orders);
        Assert.Multiple(() =>
        {
            Assert.That(table.IsFree(2), Is.False, "may be among the displaced");
            Assert.That(table.IsFree(4), Is.True);
            Assert.That(table.IsFree(3 + (2 * Orders)), Is.False, "its place is taken");
        });
        table.Toggle(3);
        Assert.That(table.IsFree(2), Is.True, "none is displaced");
    }

    /// <summary>An index over slots of its own, beside a dictionary.</summary>
    private sealed class Table : IDisposable
    {
        private readonly NativeBuffer<Node> _slots = new(6_000);
        private readonly NativeBuffer<int> _direct = new(OrderIndex.Places(Orders));
        private readonly NativeBuffer<ulong> _hashed = new(HashedOrderIndex.Entries(200));
        private readonly Dictionary<ulong, int> _expected = [];
        private OrderIndex _index;
        private int _used;

        public Table() => _index = new OrderIndex(_direct, _hashed, _slots.Pointer);

        public int Displaced => _index.Displaced;

        public bool IsFree(ulong id) => _index.IsFree(id, _index.PlaceOf(id));

        public bool TryClaim(ulong id) => _index.TryClaim(id, _index.PlaceOf(id));

        /// <summary>Adds an id that is not there, removes one that is.</summary>
        public void Toggle(ulong id)
        {
            int* place = _index.PlaceOf(id);
            if (_expected.Remove(id, out int slot))
            {
                _index.Remove(id, place, slot);
                return;
            }

            Assert.That(_index.TryClaim(id, place), Is.True, $"id {id} is new");
            *place = _expected[id] = ++_used * Node.Bytes;
            ((Order*)(_slots.Pointer + _used))->Id = id;
        }

        public void Agree(ulong[] ids, ulong seed, int step)
        {
            foreach (ulong id in ids)
            {
                int found = _index.Find(id);
                if (found != _expected.GetValueOrDefault(id, OrderIndex.Missing))
                {
                    Assert.Fail($"seed {seed}, step {step}: id {id} is at {found}, expected {_expected.GetValueOrDefault(id, OrderIndex.Missing)}");
                }
            }
        }

        public void Dispose()
        {
            _slots.Dispose();
            _direct.Dispose();
            _hashed.Dispose();
        }
    }
}
