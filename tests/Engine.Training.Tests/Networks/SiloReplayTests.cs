using Engine.Core.Events;
using Engine.Core.Memory;
using Engine.Features;
using Engine.Features.Contracts;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Signals;
using Engine.Simulator;
using Engine.Training.Datasets;

namespace Engine.Training.Tests.Networks;

/// <summary>Whole days through the sample model, instruments as they come: what is kept of each changes no bit.</summary>
public class SiloReplayTests
{
    [Test]
    public void Over_the_sample_day_every_kernel_gives_the_bits_of_the_full_computation() =>
        Check(SampleDay.Capture, 190_000, 8);

    [Test]
    public void Over_a_simulated_day_of_many_instruments_too()
    {
        string path = Path.Combine(Path.GetTempPath(), $"engine-silo-{Environment.ProcessId}.pcap");
        try
        {
            using (FileStream file = File.Create(path))
            {
                Simulation.Run(new SimulationOptions { Seed = 77, Messages = 40_000, Instruments = 60 }, file);
            }

            Check(path, 30_000, 60);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Check(string capture, long leastRows, int instruments)
    {
        ModelArtefact model = SampleDay.Seeded;
        using var full = new NativeSiloPredictor(model.Silo!, KernelChoice.Best, incremental: false);
        var limits = new EngineLimits();
        NativeSiloPredictor[] kept = [.. KernelChoice.Supported.Select(k => new NativeSiloPredictor(model.Silo!, k, limits: limits))];

        // And with memory for half of the instruments only.
        using var half = new NativeSiloPredictor(model.Silo!, KernelChoice.Best, limits: new EngineLimits { SiloInstruments = instruments / 2 });
        var tally = new Tally(model, full, [.. kept, half]);
        CaptureRows.Replay([capture], ContractDefinition.Of(model.Contract), Sampling.EveryEvent, new Rows(tally));
        Assert.That(tally.Different, Is.Zero, tally.First);
        Assert.That(tally.Rows, Is.GreaterThan(leastRows));
        Assert.That(tally.Instruments, Has.Count.EqualTo(instruments));
        foreach (NativeSiloPredictor predictor in kept)
        {
            Assert.That(predictor.Unkept, Is.Zero);
            Assert.That(predictor.SilosComputed, Is.LessThan(full.SilosComputed * 3 / 4), "most silos of most rows are kept");
            predictor.Dispose();
        }

        Assert.That(half.Unkept, Is.InRange(1, tally.Rows - 1));
    }

    private sealed class Tally(ModelArtefact model, NativeSiloPredictor full, NativeSiloPredictor[] kept)
    {
        private readonly Normaliser _normaliser = model.CreateNormaliser();
        private readonly Normaliser _ours = model.CreateNormaliser();
        private readonly float[] _normalised = new float[model.Contract.Count];

        public long Rows { get; private set; }

        public long Different { get; private set; }

        public string First { get; private set; } = "";

        public HashSet<int> Instruments { get; } = [];

        public void Take(int instrument, ReadOnlySpan<float> row)
        {
            int missing = _normaliser.Apply(row, _normalised);
            uint expected = BitConverter.SingleToUInt32Bits(full.Predict(_normalised));
            foreach (NativeSiloPredictor predictor in kept)
            {
                uint got = BitConverter.SingleToUInt32Bits(predictor.PredictRaw(instrument, row, _ours, [], out int counted));
                if ((got, counted) != (expected, missing) && Different++ == 0)
                {
                    First = $"row {Rows}, instrument {instrument}, {predictor.Kernel}: {got:x8}, {counted} missing; {expected:x8}, {missing} expected";
                }
            }

            Instruments.Add(instrument);
            Rows++;
        }
    }

    private readonly struct Rows(Tally tally) : IRowHandler
    {
        public void OnRow(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row) => tally.Take(stamp.Instrument, row);
    }
}
