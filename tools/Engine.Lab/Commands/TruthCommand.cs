using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Engine.Core.Time;
using Engine.Features;
using Engine.Feeds.Captures;
using Engine.Lab.Truth;
using Engine.Training.Labels;

namespace Engine.Lab.Commands;

/// <summary><c>lab truth</c>: the best score that a forecast of a simulated day can reach, from the day's truth and its capture.</summary>
internal static class TruthCommand
{
    // Fewer rows say nothing.
    private const int LeastRows = 1_000;

    private static readonly Argument<string> s_capture = new("CAPTURE") { Description = "Capture of 'lab sim --alpha'" };
    private static readonly Argument<string> s_truth = new("TRUTH") { Description = "The truth file that came with it" };
    private static readonly Option<string[]> s_horizons = new("--horizon")
    {
        Description = "How far ahead, such as 500ms, 10s or 1m; may be repeated", Required = true, AllowMultipleArgumentsPerToken = false,
    };
    private static readonly Option<string> s_sampling = new("--sampling")
    {
        Description = "When a forecast is made: grid-MS", DefaultValueFactory = _ => "grid-100",
    };
    private static readonly Option<bool> s_json = new("--json") { Description = "Summary as one JSON object on standard output, instead of csv" };

    /// <summary>Makes the command.</summary>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    public static Command Create(TextWriter output, TextWriter error)
    {
        var command = new Command("truth", "The best score that a forecast of a simulated day can reach: csv, a line a horizon.")
        {
            s_capture, s_truth, s_horizons, s_sampling, s_json,
        };
        command.SetAction(parsed => Run(parsed, output, error));
        return command;
    }

    private static int Run(ParseResult parsed, TextWriter output, TextWriter error)
    {
        (string Text, long Nanos)[] horizons = [.. parsed.GetValue(s_horizons)!.Select(text => (text, Horizon(text)))];
        string samplingText = parsed.GetValue(s_sampling)!;
        if (!Sampling.TryParse(samplingText, out Sampling sampling) || sampling.Kind != SamplingKind.Grid)
        {
            throw new UsageException($"--sampling '{samplingText}' is no grid; use grid-100 or the like");
        }

        string capture = parsed.GetValue(s_capture)!;
        string truthPath = parsed.GetValue(s_truth)!;
        try
        {
            TruthFile truth = TruthFile.Read(truthPath);
            DateOnly date = Date(truth, truthPath);
            Dictionary<string, MidTape> tapes = MidTape.Read(capture, date);
            Score[] scores = [.. horizons.Select(h => Of(truth, tapes, date, h.Text, h.Nanos, sampling))];
            Write(output, truth, sampling, scores, parsed.GetValue(s_json));
            return 0;
        }
        catch (CaptureException e)
        {
            error.WriteLine($"lab truth: {e.Message}");
            return e.ExitCode;
        }
        catch (TruthException e)
        {
            error.WriteLine($"lab truth: {e.Message}");
            return 1;
        }
    }

    private static Score Of(
        TruthFile truth, Dictionary<string, MidTape> tapes, DateOnly date, string text, long horizonNanos, Sampling sampling)
    {
        List<(long Time, double Forecast, double Outcome)> pairs = BestForecasts.Pair(truth, tapes, horizonNanos, sampling.StepNanos);
        return pairs.Count < LeastRows
            ? throw new TruthException($"{pairs.Count} rows with a horizon of {text} say nothing; use a longer day or a shorter step")
            : new Score(date, text, TruthScore.Of(pairs, truth.Model.Strength), truth.Model.ExpectedCorrelation(horizonNanos * 1e-9));
    }

    private static DateOnly Date(TruthFile truth, string path)
    {
        if (truth.Instruments.Count == 0)
        {
            throw new TruthException($"'{path}' has no rows; was the file cut?");
        }

        long first = truth.Instruments.Values.Min(series => series.Times[0]);
        DateOnly utc = DateOnly.FromDateTime(DateTime.UnixEpoch.AddTicks(first / TimeSpan.NanosecondsPerTick));

        // Before midnight UTC it is the same day in New York, after it perhaps not yet.
        return UsEastern.MidnightUtcNanos(utc) <= first ? utc : utc.AddDays(-1);
    }

    private static void Write(TextWriter output, TruthFile truth, Sampling sampling, Score[] scores, bool asJson)
    {
        if (asJson)
        {
            output.WriteLine(Json(truth, sampling, scores));
            return;
        }

        output.WriteLine("date,horizon,sampling,rows,ic,ic_error,ic_expected,r2,r2_expected,auc");
        foreach (Score score in scores)
        {
            TruthScore of = score.Reached;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{score.Date:yyyy-MM-dd},{score.Horizon},{sampling},{of.Rows},{of.Correlation:F4},{of.CorrelationError:F4},{score.Expected:F4}," +
                $"{of.RSquared:F4},{score.Expected * score.Expected:F4},{of.Auc:F4}"));
        }
    }

    private static string Json(TruthFile truth, Sampling sampling, Score[] scores)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("strength", truth.Model.Strength);
            json.WriteString("sampling", sampling.ToString());
            json.WriteStartArray("scores");
            foreach (Score score in scores)
            {
                json.WriteStartObject();
                json.WriteString("date", score.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
                json.WriteString("horizon", score.Horizon);
                json.WriteNumber("rows", score.Reached.Rows);
                WriteNumber(json, "ic", score.Reached.Correlation);
                WriteNumber(json, "ic_error", score.Reached.CorrelationError);
                json.WriteNumber("ic_expected", score.Expected);
                WriteNumber(json, "r2", score.Reached.RSquared);
                json.WriteNumber("r2_expected", score.Expected * score.Expected);
                WriteNumber(json, "auc", score.Reached.Auc);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    // A day without movement has no correlation.
    private static void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static long Horizon(string text) => LabelHorizon.TryParse(text, out LabelHorizon horizon) && horizon.IsTime
        ? horizon.Nanos
        : throw new UsageException($"--horizon '{text}' is no time; write it as 500ms, 10s or 1m");

    private sealed record Score(DateOnly Date, string Horizon, TruthScore Reached, double Expected);
}
