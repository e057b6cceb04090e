using System.Text;
using Engine.Core.Events;
using Engine.Features;
using Engine.Features.Contracts;
using Engine.TestKit;
using Engine.TestKit.Books;
using Engine.TestKit.Features;

namespace Engine.Tests.Features.Contracts;

/// <summary>Random contracts: each comes back from its columns, and its rows are those of the definitions. Damaged files: refused, or read.</summary>
public sealed class ContractPropertyTests
{
    private static readonly FlowOptions s_flow = new()
    {
        Instruments = 3, Orders = 120, Ticks = 24, LevelInstruments = 1, Upheaval = 0.002, Snapshots = 0.003, References = 0.02, Touches = 0.06, Edits = 0.06,
        Sweeps = 0.001, Far = 0.02, Silences = 0.001, Bursts = 0.002, Reversals = 0.01,
    };

    [Test]
    public void A_definition_comes_back_from_its_columns([ValueSource(typeof(ContractDefinition), nameof(ContractDefinition.Names))] string name) =>
        AssertComesBack(ContractDefinition.BuiltIn(name), name);

    [Test]
    public void A_random_definition_comes_back_from_its_columns()
    {
        var hashes = new HashSet<string>();
        foreach (ulong seed in Seeds.Take(2))
        {
            var random = new Random((int)seed);
            for (int i = 0; i < 300; i++)
            {
                string text = ContractTexts.Random(random);
                hashes.Add(AssertComesBack(ContractDefinition.Parse(text, "t.json"), $"seed {seed}, {i}: {text}"));
            }
        }

        Assert.That(hashes, Has.Count.GreaterThan(250));
    }

    /// <summary>Each family is there in some of them, with levels and windows that no contract of the engine has.</summary>
    [Test]
    public void Rows_of_random_contracts_agree_with_the_definitions([Values("every-event", "every-3", "grid-250")] string sampling)
    {
        var families = new HashSet<string>();
        foreach (ulong seed in Seeds.Take(4))
        {
            string text = ContractTexts.Random(new Random((int)seed), sampling);
            families.UnionWith(AssertRows(seed, text, sampling, 1_200));
        }

        Assert.That(families, Is.Not.Empty);
    }

    /// <summary>Ten levels are more than a vector has lanes.</summary>
    [Test]
    public void Rows_of_every_family_with_odd_choices_agree_with_the_definitions([Values(1, 2, 7, 8, 9, 10)] int levels)
    {
        string families = string.Join(", ", FamilyCatalogue.All.Reverse().Select(k => $"{{ \"family\": \"{k.Name}\""
            + (k.Levels > 0 ? $", \"levels\": {levels}" : "") + (k.Windows != FamilyWindows.None ? $", \"windows_ms\": [{levels}, 160, {700 + levels}]" : "") + " }"));
        foreach (ulong seed in Seeds.Take(1))
        {
            Assert.That(AssertRows(seed, ContractTexts.Of(families), "every-event", 1_500), Has.Count.EqualTo(FamilyCatalogue.All.Count));
        }
    }

    [Test]
    public void A_damaged_file_is_refused_in_a_line_or_read()
    {
        int refused = 0, read = 0;
        foreach (ulong seed in Seeds.Take(2))
        {
            var random = new Random((int)seed);
            for (int i = 0; i < 2_500; i++)
            {
                byte[] text = Damaged(random, random.Next(2) == 0
                    ? ContractTexts.BuiltIn(ContractDefinition.Names[random.Next(ContractDefinition.Names.Count)])
                    : Encoding.UTF8.GetBytes(ContractTexts.Random(random)));
                string? fault = Refusal(text, $"seed {seed}, {i}: {Convert.ToBase64String(text)}");
                refused += fault is null ? 0 : 1;
                read += fault is null ? 1 : 0;
            }
        }

        Assert.That(refused, Is.GreaterThan(300));
        Assert.That(read, Is.GreaterThan(100));
    }

    private static string? Refusal(byte[] text, string what)
    {
        try
        {
            AssertComesBack(ContractReader.Read(text, "t.json"), what);
            return null;
        }
        catch (ContractException e)
        {
            Assert.That(e.Message, Does.StartWith("t.json: ").And.Length.LessThan(700), what);
            Assert.That(e.Message.Any(char.IsControl), Is.False, what);
            return e.Message;
        }
        catch (Exception e) when (e is not AssertionException)
        {
            Assert.Fail($"{what}: {e}");
            throw;
        }
    }

    private static byte[] Damaged(Random random, byte[] text)
    {
        string[] pieces = ["{", "}", "[", "]", ",", "\"", "\\", "\\ud800", "1e999", "-1", "null", "NaN", "/*", "//", "\0", "\n", "levels", "\"health\"", "99999999999999999999", "\uFEFF"];
        List<byte> bytes = [.. text];
        for (int n = random.Next(1, 4); n > 0; n--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, random.Next(1, Math.Min(8, bytes.Count - at) + 1));
                    break;
                case 2:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(pieces[random.Next(pieces.Length)]));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, random.Next(1, Math.Min(40, bytes.Count - at) + 1)));
                    break;
                default:
                    bytes[at] ^= (byte)(1 << random.Next(3));
                    break;
            }

            if (bytes.Count == 0)
            {
                break;
            }
        }

        return [.. bytes];
    }

    private static string AssertComesBack(ContractDefinition definition, string what)
    {
        FeatureContract made = ContractDescription.Of(definition).Contract;
        var back = ContractDefinition.Of(made);
        FeatureContract again = ContractDescription.Of(back).Contract;
        Assert.That(made.FirstDifference(again), Is.Null, what);
        Assert.That(again.Hash, Is.EqualTo(made.Hash), what);
        Assert.That(made.Sampling, Is.EqualTo(definition.Sampling.ToString()), what);
        return made.Hash;
    }

    private static HashSet<string> AssertRows(ulong seed, string text, string sampling, int count)
    {
        using var both = new FeatureAgreement(ContractDefinition.Parse(text, "t.json"), sampling, Pipelines.Limits);
        var flow = new RandomFlow(seed, s_flow);
        for (int i = 0; i < count; i++)
        {
            MarketEvent e = flow.Next();
            if (both.OnEvent(e) is string difference)
            {
                Assert.Fail($"seed {seed}, event {i}, {e.Kind} on {e.Instrument}: {difference}; {text}");
            }
        }

        Assert.That(both.Rows, Is.GreaterThan(50), $"seed {seed}");
        return [.. both.Contract.Families];
    }
}
