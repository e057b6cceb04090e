using System.Globalization;

namespace Engine.TestKit;

/// <summary>
/// The seeds of random tests: fixed, so that a failure comes again. `ENGINE_TEST_SEED=N` runs every random test with that one
/// seed instead.
/// </summary>
public static class Seeds
{
    /// <summary>The first <paramref name="count"/> seeds, or the one that the environment asks for.</summary>
    public static IEnumerable<ulong> Take(int count) =>
        ulong.TryParse(Environment.GetEnvironmentVariable("ENGINE_TEST_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
            ? [seed]
            : Enumerable.Range(1, count).Select(i => (ulong)i * 1_000_003);
}
