using Engine.Books;
using Engine.Core.Memory;
using Engine.Core.Numerics;
using Engine.TestKit;

namespace Engine.Tests.Books;

/// <summary>The hashed part of the index of order ids: collisions, removal without tombstones, wrap-around.</summary>
public sealed class HashedOrderIndexTests
{
    private const ulong HashMultiplier = 0x9E3779B97F4A7C15;

    [TestCase(0)]
    [TestCase(63)]
    [TestCase(127)]
    public void Ids_of_one_home_survive_removal_in_any_order(int home)
    {
        const int Orders = 16;
        ulong[] ids = [.. Colliding(home, Orders)];
        foreach (ulong seed in Seeds.Take(20))
        {
            var random = new SeededRandom(seed);
            using var slots = new Slots(500);
            HashedOrderIndex index = slots.Index(Orders);
            var expected = new Dictionary<ulong, int>();
            for (int step = 0; step < 500; step++)
            {
                ulong id = ids[random.Next(ids.Length)];
                if (expected.Remove(id))
                {
                    index.Remove(id);
                }
                else
                {
                    slots.Enter(id, expected[id] = step + 1);
                    index.Add(id, step + 1);
                }

                Agree(index, ids, expected, seed, step);
            }
        }
    }

    [Test]
    public void A_small_full_table_agrees_with_a_dictionary()
    {
        foreach (ulong seed in Seeds.Take(10))
        {
            var random = new SeededRandom(seed);
            using var slots = new Slots(5_000);
            HashedOrderIndex index = slots.Index(64);
            var expected = new Dictionary<ulong, int>();
            ulong[] ids = [0, ulong.MaxValue, .. Enumerable.Range(1, 120).Select(i => (ulong)i)];
            for (int step = 0; step < 5_000; step++)
            {
                ulong id = ids[random.Next(ids.Length)];
                if (expected.Remove(id))
                {
                    index.Remove(id);
                }
                else if (expected.Count < 64)
                {
                    slots.Enter(id, expected[id] = step + 1);
                    index.Add(id, step + 1);
                }

                if (step % 16 == 0)
                {
                    Agree(index, ids, expected, seed, step);
                }
            }
        }
    }

    private static void Agree(in HashedOrderIndex index, ulong[] ids, Dictionary<ulong, int> expected, ulong seed, int step)
    {
        foreach (ulong id in ids)
        {
            int found = index.Find(id);
            if (found != expected.GetValueOrDefault(id, HashedOrderIndex.Missing))
            {
                Assert.Fail($"seed {seed}, step {step}: id {id} is at {found}, expected {expected.GetValueOrDefault(id, HashedOrderIndex.Missing)}");
            }
        }
    }

    /// <summary>Ids whose home, or the place before it, is the given one: a table for 16 orders has two blocks of 64 places, the block
    /// chosen by the top bit of the hash of id / 64, the place in it by id modulo 64.</summary>
    private static IEnumerable<ulong> Colliding(int home, int count) =>
        Enumerable.Range(1, int.MaxValue).Select(i => (ulong)i)
            .Where(id => (int)((((id >> 6) * HashMultiplier) >> 63 << 6) | (id & 63)) is int at && (at == home || at == (home + 1) % 128))
            .Take(count);

    /// <summary>Where ids lie, 32 bytes a slot.</summary>
    private sealed unsafe class Slots(int count) : IDisposable
    {
        private readonly NativeBuffer<ulong> _words = new((count + 1) * HashedOrderIndex.SlotBytes / sizeof(ulong));

        private NativeBuffer<ulong>? _table;

        public HashedOrderIndex Index(int orders) => new(_table = new NativeBuffer<ulong>(HashedOrderIndex.Entries(orders)), _words.Pointer);

        public void Enter(ulong id, int slot) => _words[slot * (HashedOrderIndex.SlotBytes / sizeof(ulong))] = id;

        public void Dispose()
        {
            _words.Dispose();
            _table?.Dispose();
        }
    }
}
