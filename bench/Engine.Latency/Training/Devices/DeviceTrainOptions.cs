using System.Globalization;
using Engine.Training.Backends;
using Engine.Training.Devices;

namespace Engine.Latency.Training.Devices;

/// <summary>What `train --backend` was asked for.</summary>
internal sealed record DeviceTrainOptions
{
    /// <summary>The usage, for a line that cannot be read.</summary>
    public const string Usage =
        "use --backend opencl|cuda, --device N, --batches N,N,…, --models N,N,…, --seconds S (a measurement), --rounds N, --python FILE (`none` for no PyTorch), " +
        "--torch cuda|cpu (PyTorch's device), --small (only to see that it runs)";

    private const int MaxBatch = 1 << 20;

    /// <summary>How the device is spoken to.</summary>
    public DeviceApi Api { get; init; } = DeviceApi.Cuda;

    /// <summary>Which of them.</summary>
    public int Device { get; init; }

    /// <summary>Batch sizes.</summary>
    public IReadOnlyList<int> Batches { get; init; } = [256, 1_024, 4_096, 16_384];

    /// <summary>Models at once.</summary>
    public IReadOnlyList<int> Models { get; init; } = [1, 4, 16, 64];

    /// <summary>Seconds of a measurement.</summary>
    public double Seconds { get; init; } = 1;

    /// <summary>Measurements of each, interleaved.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>The Python that may have PyTorch.</summary>
    public string Python { get; init; } = "/usr/bin/python3";

    /// <summary>PyTorch's name of its device.</summary>
    public string Torch { get; init; } = "cuda";

    /// <summary>Whether it is only to be seen that it runs.</summary>
    public bool IsSmall { get; init; }

    /// <summary>Reads options; null where they make no sense.</summary>
    public static DeviceTrainOptions? Parse(string[] args)
    {
        var options = new DeviceTrainOptions();
        for (int i = 0; i < args.Length && options is not null; i++)
        {
            if (args[i] == "--small")
            {
                options = options with { IsSmall = true, Batches = [16], Models = [1, 2], Seconds = 0.05, Rounds = 1 };
                continue;
            }

            options = i + 1 < args.Length ? With(options, args[i], args[i + 1]) : null;
            i++;
        }

        return options;
    }

    private static DeviceTrainOptions? With(DeviceTrainOptions options, string name, string value) => name switch
    {
        "--backend" => value switch
        {
            "opencl" => options with { Api = DeviceApi.OpenCl },
            "cuda" => options with { Api = DeviceApi.Cuda },
            _ => null,
        },
        "--device" => Number(value, 1_000) is { } device ? options with { Device = device } : null,
        "--batches" => Numbers(value, MaxBatch) is { } batches ? options with { Batches = batches } : null,
        "--models" => Numbers(value, ITrainingBackend.MaxGroup) is { } models ? options with { Models = models } : null,
        "--seconds" => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and <= 600
            ? options with { Seconds = seconds } : null,
        "--rounds" => Number(value, 100) is { } rounds and > 0 ? options with { Rounds = rounds } : null,
        "--python" => value.Length > 0 ? options with { Python = value } : null,
        "--torch" => value is "cuda" or "cpu" ? options with { Torch = value } : null,
        _ => null,
    };

    private static int? Number(string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= most ? number : null;

    private static int[]? Numbers(string text, int most)
    {
        int?[] numbers = [.. text.Split(',').Select(word => Number(word, most))];
        return Array.TrueForAll(numbers, n => n is > 0) ? [.. numbers.OfType<int>()] : null;
    }
}
