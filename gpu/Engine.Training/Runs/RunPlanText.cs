using System.Text.Json;
using Engine.Training.Datasets;
using Engine.Training.Losses;
using Engine.Training.Splits;
using Engine.Training.Training;
using Engine.Training.Trees;

namespace Engine.Training.Runs;

/// <summary>Writes a plan with all keys, in a fixed order.</summary>
internal static class RunPlanText
{
    /// <summary>The losses, spelled.</summary>
    public static readonly string[] Losses = ["mean_squared", "huber", "binary_cross_entropy"];

    /// <summary>The schedules, spelled.</summary>
    public static readonly string[] Schedules = ["constant", "cosine", "step"];

    /// <summary>The fusions, spelled.</summary>
    public static readonly string[] Fusions = ["weighted", "logistic"];

    /// <summary>The text.</summary>
    public static byte[] Write(RunPlan plan)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, JsonLists.Indented))
        {
            json.WriteStartObject();
            json.WriteString("title", plan.Title);
            json.WriteString("dataset", plan.Dataset);
            json.WriteString("label", plan.Label);
            json.WriteString("split", plan.Split);
            json.WriteNumber("seed", plan.Seed);
            json.WriteNumber("level", plan.Level);
            Optional(json, "class_above", plan.ClassAbove);
            json.WritePropertyName("unchecked");
            JsonLists.Write(json, [.. plan.Unchecked.Select(Leak.NameOf)]);
            json.WriteNumber("importance_rows", plan.ImportanceRows);
            json.WriteStartArray("models");
            foreach (ModelPlan model in plan.Models)
            {
                Model(json, model);
            }

            json.WriteEndArray();
            json.WriteStartArray("ensembles");
            foreach (EnsemblePlan ensemble in plan.Ensembles)
            {
                json.WriteStartObject();
                json.WriteString("name", ensemble.Name);
                json.WritePropertyName("members");
                JsonLists.Write(json, ensemble.Members);
                json.WriteString("fusion", Fusions[(int)ensemble.Fusion]);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void Model(Utf8JsonWriter json, ModelPlan model)
    {
        json.WriteStartObject();
        json.WriteString("name", model.Name);
        json.WriteString("kind", RunPlan.Kinds[(int)model.Kind]);
        if (model.IsNetwork)
        {
            Shape(json, model);
            json.WriteString("normaliser", NormaliserPlan.Kinds[(int)model.Normaliser.Kind]);
            if (model.Normaliser.Kind == NormaliserKind.ZScore)
            {
                json.WriteNumber("clip", double.IsFinite(model.Normaliser.Clip) ? model.Normaliser.Clip : 0);
            }

            json.WriteBoolean("scale_label", model.ScalesLabel);
            Training(json, model);
        }
        else if (model.Kind == ModelKind.Trees)
        {
            json.WriteBoolean("scale_label", model.ScalesLabel);
            Boosting(json, model);
        }

        json.WriteEndObject();
    }

    private static void Shape(Utf8JsonWriter json, ModelPlan model)
    {
        if (model.Kind is ModelKind.Silo or ModelKind.Lstm)
        {
            json.WritePropertyName("families");
            JsonLists.Write(json, model.Families);
        }

        if (model.Kind == ModelKind.Lstm)
        {
            json.WriteNumber("steps", model.Steps);
            json.WriteNumber("units", model.Units);
            json.WriteBoolean("batch_norm", model.HasBatchNorm);
        }

        if (model.Kind is ModelKind.Mlp or ModelKind.Silo or ModelKind.Lstm)
        {
            Sizes(json, "hidden", model.Hidden);
            json.WriteNumber("dropout", model.Dropout);
        }

        if (model.Kind == ModelKind.Silo)
        {
            json.WriteNumber("embedding", model.Embedding);
            Sizes(json, "fusion", model.Fusion);
        }
    }

    private static void Training(Utf8JsonWriter json, ModelPlan model)
    {
        TrainerOptions training = model.Training;
        json.WriteNumber("seed", training.Step.Seed);
        json.WriteNumber("epochs", training.Epochs);
        json.WriteNumber("patience", training.Patience);
        json.WriteNumber("min_improvement", training.MinImprovement);
        json.WriteNumber("batch_size", training.Step.BatchSize);
        json.WriteStartObject("learning_rate");
        json.WriteString("schedule", Schedules[(int)training.Rate.Schedule]);
        json.WriteNumber("rate", training.Rate.Rate);
        json.WriteNumber("floor_share", training.Rate.FloorShare);
        json.WriteNumber("warm_up_steps", training.Rate.WarmUpSteps);
        json.WriteNumber("step_epochs", training.Rate.StepEpochs);
        json.WriteNumber("step_factor", training.Rate.StepFactor);
        json.WriteEndObject();
        json.WriteStartObject("optimiser");
        json.WriteNumber("beta1", training.Step.Optimiser.Beta1);
        json.WriteNumber("beta2", training.Step.Optimiser.Beta2);
        json.WriteNumber("epsilon", training.Step.Optimiser.Epsilon);
        json.WriteNumber("weight_decay", training.Step.Optimiser.WeightDecay);
        json.WriteBoolean("decoupled", training.Step.Optimiser.IsDecoupled);
        Optional(json, "clip_norm", double.IsFinite(training.Step.Optimiser.ClipNorm) ? training.Step.Optimiser.ClipNorm : null);
        json.WriteEndObject();
        Loss(json, model);
    }

    private static void Boosting(Utf8JsonWriter json, ModelPlan model)
    {
        BoostingSpec boosting = model.Boosting;
        json.WriteNumber("seed", boosting.Seed);
        json.WriteNumber("rounds", boosting.Rounds);
        json.WriteNumber("patience", boosting.Patience);
        json.WriteNumber("depth", boosting.Depth);
        json.WriteNumber("rate", boosting.Rate);
        json.WriteNumber("row_share", boosting.RowShare);
        json.WriteNumber("feature_share", boosting.FeatureShare);
        json.WriteNumber("lambda", boosting.Lambda);
        json.WriteNumber("min_child_weight", boosting.MinChildWeight);
        json.WriteNumber("threads", boosting.Threads);
        Loss(json, model);
    }

    private static void Loss(Utf8JsonWriter json, ModelPlan model)
    {
        LossSpec loss = model.Loss;
        json.WriteStartObject("loss");
        json.WriteString("kind", Losses[(int)loss.Kind]);
        if (loss.Kind == LossKind.Huber)
        {
            json.WriteNumber("delta", loss.Delta);
        }
        else if (loss.IsLogit)
        {
            json.WriteBoolean("balanced", model.BalancesClasses);
            if (!model.BalancesClasses)
            {
                json.WriteNumber("positive_weight", loss.PositiveWeight);
                json.WriteNumber("negative_weight", loss.NegativeWeight);
            }
        }

        json.WriteEndObject();
    }

    private static void Sizes(Utf8JsonWriter json, string name, int[] sizes)
    {
        json.WriteStartArray(name);
        Array.ForEach(sizes, json.WriteNumberValue);
        json.WriteEndArray();
    }

    private static void Optional(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
