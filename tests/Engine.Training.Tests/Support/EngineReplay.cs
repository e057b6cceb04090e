using Engine.Core.Events;
using Engine.Features;
using Engine.Features.Contracts;
using Engine.Inference;
using Engine.Inference.Artefacts;
using Engine.Signals;
using Engine.Training.Datasets;

namespace Engine.Training.Tests.Support;

/// <summary>What `engine replay` runs: pipeline, normaliser, native kernels.</summary>
internal static class EngineReplay
{
    /// <summary>What a model says of a capture, by symbol and time of the row.</summary>
    /// <param name="artefact">The model.</param>
    /// <param name="capture">The capture.</param>
    /// <param name="day">The file of its rows, which has its symbols.</param>
    public static Dictionary<(string Symbol, long Time), float> Of(ModelArtefact artefact, string capture, string day)
    {
        var said = new Dictionary<(string, long), float>();
        using DatasetFile file = DatasetFile.Open(day);
        Dictionary<int, string> symbols = file.Rows.SymbolIds.Zip(file.Rows.Symbols).ToDictionary(p => p.First, p => p.Second);
        using Predictor predictor = PredictorFactory.Create(artefact, InferenceMode.Native);
        var stage = new PredictionStage<Sink>(
            [new RunningModel(artefact.CreateNormaliser(), predictor)], artefact.Contract.Count, new Sink(said, symbols), new StageTimer { Enabled = false });
        Assert.That(Sampling.TryParse(artefact.Contract.Sampling, out Sampling sampling));
        CaptureRows.Replay([capture], ContractDefinition.Of(artefact.Contract), sampling, stage);
        return said;
    }

    private readonly struct Sink(Dictionary<(string, long), float> said, Dictionary<int, string> symbols) : IPredictionSink
    {
        // Members of an ensemble come as records of their own.
        public void Publish(ref Prediction prediction)
        {
            if (prediction.Kind != MemberRecord.Kind)
            {
                said.Add((symbols[prediction.Instrument], prediction.ExchangeTime), prediction.Value);
            }
        }
    }
}
