using System.Globalization;
using System.Text;

namespace Engine.Training.Networks;

/// <summary>A network's shape as text: equal networks give equal text.</summary>
public static class NetworkText
{
    /// <summary>The text, a line a part.</summary>
    public static string Of(NetworkSpec spec)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{spec.GetType().Name} over {spec.FeatureCount} features, window {spec.Window}\n");
        switch (spec)
        {
            case SiloSpec silo:
                foreach (SiloBranch branch in silo.Silos)
                {
                    Layers(text, $"silo {branch.Family} of {string.Join(',', branch.Features)}", branch.Layers);
                }

                Layers(text, $"fusion of {string.Join(',', silo.Direct)}", silo.Fusion);
                break;
            case LstmSpec lstm:
                text.Append(CultureInfo.InvariantCulture,
                    $"{lstm.Units} units of {string.Join(',', lstm.Features)}, batch norm {lstm.HasBatchNorm}, dropout {lstm.Dropout:R}\n");
                Layers(text, "head", lstm.Head);
                break;
            default:
                throw new ArgumentException($"{spec.GetType().Name} is no network that is trained here.", nameof(spec));
        }

        return text.ToString();
    }

    private static void Layers(StringBuilder text, string name, IReadOnlyList<DenseSpec> layers)
    {
        text.Append(name).Append(':');
        foreach (DenseSpec layer in layers)
        {
            text.Append(CultureInfo.InvariantCulture, $" {layer.Outputs} {layer.Activation} dropout {layer.Dropout:R};");
        }

        text.Append('\n');
    }
}
