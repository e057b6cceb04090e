using System.Diagnostics;
using System.Globalization;
using Engine.Core.Numerics;
using Engine.Fuzz.Targets;

namespace Engine.Fuzz.Running;

/// <summary>Runs batches in this process, in an order that follows from the seed.</summary>
/// <param name="options">What to run.</param>
/// <param name="position">Where to note how far it is.</param>
internal sealed class FuzzWorker(FuzzOptions options, FuzzPosition position)
{
    /// <summary>Most bytes that the process may grow by after its first batches.</summary>
    public const long MaxGrowth = 128L << 20;

    /// <summary>Batches before the process has its size.</summary>
    private const int WarmUp = 32;

    private readonly IFuzzTarget[] _targets = FuzzTargets.Named(options.Target);
    private readonly long[] _casesByTarget = new long[FuzzTargets.Named(options.Target).Length];
    private long _grown;

    /// <summary>Runs what the options say.</summary>
    /// <returns>0; 1 after a finding.</returns>
    public int Run()
    {
        Stopwatch watch = Stopwatch.StartNew();
        SeededRandom order = new(options.Seed);
        long wanted = options.Case < 0 ? options.Cases : options.Case + 1;
        long done = 0;
        for (int batch = 0; done < wanted; batch++)
        {
            int target = Choose(order, batch);
            ulong seed = order.NextUInt64();
            int count = (int)Math.Min(_targets[target].CasesPerBatch, wanted - done);
            if (options.Case < 0 || done + count > options.Case)
            {
                if (!Run(_targets[target], new FuzzBatch(seed, count, done, position), done) || !IsBounded(batch, _targets[target], done))
                {
                    return 1;
                }

                _casesByTarget[target] += count;
            }

            done += count;
        }

        position.Finish(done);
        string each = string.Join(", ", _targets.Select((target, i) => string.Create(CultureInfo.InvariantCulture, $"{target.Name} {_casesByTarget[i]:N0}")));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{_casesByTarget.Sum():N0} cases in {watch.Elapsed.TotalSeconds:F1} s, no finding ({options.Same}): {each}"));
        return 0;
    }

    private bool Run(IFuzzTarget target, FuzzBatch batch, long done)
    {
        position.Note(target.Name, done);
        try
        {
            target.Run(batch);
            return true;
        }
        catch (Exception wrong)
        {
            Report(target.Name, batch.Number, wrong is FuzzException ? wrong.Message : wrong.ToString(), options);
            return false;
        }
    }

    /// <summary>Whether the process has kept its size.</summary>
    private bool IsBounded(int batch, IFuzzTarget target, long done)
    {
        long resident = Environment.WorkingSet;
        if (batch < WarmUp)
        {
            _grown = resident;
        }

        if (resident - _grown <= MaxGrowth)
        {
            return true;
        }

        Report(target.Name, done, string.Create(CultureInfo.InvariantCulture, $"the process has grown by {(resident - _grown) >> 20:N0} MiB"), options);
        return false;
    }

    /// <summary>Each target once, then by weight.</summary>
    private int Choose(SeededRandom order, int batch)
    {
        int chosen = order.Next(_targets.Sum(target => target.Weight));
        if (batch < _targets.Length)
        {
            return batch;
        }

        int i = 0;
        while (chosen >= _targets[i].Weight)
        {
            chosen -= _targets[i++].Weight;
        }

        return i;
    }

    /// <summary>Says what was found, and how to see it again.</summary>
    public static void Report(string target, long number, string what, FuzzOptions options) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"FINDING in {target}, case {number}: {what}\n  again: {options.Same} --case {number}"));
}
