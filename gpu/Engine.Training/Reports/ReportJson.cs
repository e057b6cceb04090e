using System.Text.Json;
using Engine.Training.Datasets;
using Engine.Training.Evaluation;

namespace Engine.Training.Reports;

/// <summary>A run's report as JSON; NaN and infinity are null.</summary>
public static class ReportJson
{
    /// <summary>The report, UTF-8; safe inside a page, since every angle bracket is escaped.</summary>
    public static byte[] Write(RunReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("title", report.Title);
            json.WriteStartObject("origin");
            foreach ((string name, string value) in report.Origin)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
            Array(json, "warnings", report.Warnings, json.WriteStringValue);
            Labels(json, report.Labels);
            Array(json, "models", report.Models, model => Model(json, model));
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void Labels(Utf8JsonWriter json, Distribution labels)
    {
        json.WriteStartObject("labels");
        JsonLists.Number(json, "mean", labels.Mean);
        JsonLists.Number(json, "deviation", labels.Deviation);
        JsonLists.Number(json, "excess_kurtosis", labels.ExcessKurtosis);
        Array(json, "edges", labels.Edges, value => JsonLists.Number(json, value));
        Array(json, "counts", labels.Counts, json.WriteNumberValue);
        Array(json, "quantiles", labels.Quantiles, pair =>
        {
            json.WriteStartObject();
            JsonLists.Number(json, "share", pair.Share);
            JsonLists.Number(json, "value", pair.Value);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    private static void Model(Utf8JsonWriter json, ModelReport model)
    {
        json.WriteStartObject();
        json.WriteString("name", model.Name);
        json.WriteString("kind", model.Kind);
        json.WriteNumber("parameters", model.Parameters);
        json.WriteBoolean("is_classification", model.IsClassification);
        Diagnosed(json, model.Diagnosis);
        Array(json, "parts", model.Parts, part => Scored(json, part.Name, part.Scores));
        Array(json, "regimes", model.Regimes, regime => Scored(json, regime.Name, regime.Scores));
        Array(json, "history", model.History, epoch => Object(
            json, ("epoch", epoch.Epoch), ("train_loss", epoch.TrainLoss), ("valid_loss", epoch.ValidLoss), ("learning_rate", epoch.LearningRate)));
        Array(json, "quantiles", model.Quantiles, bin => Object(
            json,
            ("low", bin.Low),
            ("high", bin.High),
            ("rows", bin.Rows),
            ("mean_prediction", bin.MeanPrediction),
            ("mean_label", bin.MeanLabel),
            ("standard_error", bin.StandardError)));
        Array(json, "thresholds", model.Thresholds, count => Object(
            json, ("threshold", count.Threshold), ("rows", count.Rows), ("right", count.Right), ("mean_label", count.MeanLabel)));
        Array(json, "importance", model.Importance, family =>
        {
            json.WriteStartObject();
            json.WriteString("family", family.Family);
            JsonLists.Number(json, "loss", family.Loss);
            JsonLists.Number(json, "increase", family.Increase);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    private static void Diagnosed(Utf8JsonWriter json, Diagnosis diagnosis)
    {
        json.WriteStartObject("diagnosis");
        json.WriteString("verdict", JsonNamingPolicy.SnakeCaseLower.ConvertName(diagnosis.Verdict.ToString()));
        json.WriteString("text", diagnosis.Describe());
        JsonLists.Number(json, "spread", diagnosis.Spread);
        JsonLists.Number(json, "shrinkage", diagnosis.Shrinkage);
        JsonLists.Number(json, "r2", diagnosis.R2);
        JsonLists.Number(json, "information_coefficient", diagnosis.Test.InformationCoefficient);
        JsonLists.Number(json, "p_value", diagnosis.Test.PValue);
        JsonLists.Number(json, "level", diagnosis.Level);
        JsonLists.Number(json, "least_p_value", diagnosis.Test.LeastPValue);
        JsonLists.Number(json, "independent_rows", diagnosis.Test.IndependentSpans);
        json.WriteEndObject();
    }

    private static void Scored(Utf8JsonWriter json, string name, Scores scores)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteNumber("rows", scores.Rows);
        JsonLists.Number(json, "mean_squared_error", scores.MeanSquaredError);
        JsonLists.Number(json, "mean_absolute_error", scores.MeanAbsoluteError);
        JsonLists.Number(json, "r2", scores.R2);
        JsonLists.Number(json, "log_loss", scores.LogLoss);
        JsonLists.Number(json, "pearson", scores.Pearson);
        JsonLists.Number(json, "information_coefficient", scores.InformationCoefficient);
        JsonLists.Number(json, "auc", scores.Auc);
        json.WriteEndObject();
    }

    private static void Object(Utf8JsonWriter json, params ReadOnlySpan<(string Name, double Value)> values)
    {
        json.WriteStartObject();
        foreach ((string name, double value) in values)
        {
            JsonLists.Number(json, name, value);
        }

        json.WriteEndObject();
    }

    private static void Array<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (T item in items)
        {
            write(item);
        }

        json.WriteEndArray();
    }
}
