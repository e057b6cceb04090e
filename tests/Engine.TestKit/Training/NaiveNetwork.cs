using Engine.Inference.Networks;

namespace Engine.TestKit.Training;

/// <summary>A dense layer of a naive network.</summary>
/// <param name="Outputs">Units.</param>
/// <param name="Activation">Of each.</param>
/// <param name="Dropout">Share dropped.</param>
public sealed record NaiveLayer(int Outputs, Activation Activation, double Dropout);

/// <summary>What a naive network is asked about: a batch, and where its dropout comes from.</summary>
/// <param name="Windows">For each row of the batch its ticks, oldest first; one of a network that reads a row.</param>
/// <param name="IsTraining">With dropout and the batch's own statistics.</param>
/// <param name="Seed">Dropout's seed.</param>
/// <param name="Step">The training step.</param>
public sealed record NaiveBatch(double[][][] Windows, bool IsTraining, ulong Seed, long Step);

/// <summary>
/// A network in float64, one number at a time. Parameters come as one list: of each dense layer the weights, a row an input, then the biases.
/// </summary>
public abstract class NaiveNetwork
{
    private int _next;
    private int _layer;

    /// <summary>Running means and variances, if it has them.</summary>
    public double[] Statistics { get; init; } = [];

    /// <summary>The outputs of a batch.</summary>
    public Traced[] Run(Traced[] parameters, NaiveBatch batch)
    {
        _next = 0;
        _layer = 1;
        return Outputs(parameters, batch);
    }

    /// <summary>The outputs of a batch.</summary>
    protected abstract Traced[] Outputs(Traced[] parameters, NaiveBatch batch);

    /// <summary>The next parameters of the list.</summary>
    protected Traced[] Take(Traced[] parameters, int count)
    {
        _next += count;
        return parameters[(_next - count).._next];
    }

    /// <summary>Dense layers one after the other, over all rows.</summary>
    protected Traced[][] Dense(Traced[] parameters, NaiveBatch batch, Traced[][] rows, NaiveLayer[] layers)
    {
        foreach (NaiveLayer layer in layers)
        {
            int inputs = rows[0].Length;
            Traced[] weights = Take(parameters, inputs * layer.Outputs);
            Traced[] biases = Take(parameters, layer.Outputs);
            int number = _layer++;
            rows = [.. rows.Select((x, row) => Enumerable.Range(0, layer.Outputs).Select(o =>
            {
                Traced sum = biases[o];
                for (int i = 0; i < inputs; i++)
                {
                    sum += x[i] * weights[(i * layer.Outputs) + o];
                }

                return Drop(Activate(layer.Activation, sum), layer.Dropout, batch, number, o, row);
            }).ToArray())];
        }

        return rows;
    }

    /// <summary>A number behind dropout.</summary>
    protected static Traced Drop(Traced value, double rate, NaiveBatch batch, int layer, int unit, int row) =>
        rate == 0 || !batch.IsTraining ? value : value * NaiveDropout.Factor(rate, batch.Seed, batch.Step, layer, unit, row);

    private static Traced Activate(Activation activation, Traced x) => activation switch
    {
        Activation.Relu => x.Relu(),
        Activation.Sigmoid => x.Sigmoid(),
        Activation.Tanh => x.Tanh(),
        _ => x,
    };
}

/// <summary>Silos, direct features and the fusion.</summary>
/// <param name="direct">Features straight into the fusion.</param>
/// <param name="silos">Features and layers of each.</param>
/// <param name="fusion">Layers behind the concatenation.</param>
public sealed class NaiveSilos(int[] direct, (int[] Features, NaiveLayer[] Layers)[] silos, NaiveLayer[] fusion) : NaiveNetwork
{
    /// <inheritdoc/>
    protected override Traced[] Outputs(Traced[] parameters, NaiveBatch batch)
    {
        Traced[][] rows = [.. batch.Windows.Select(w => w[^1].Select(parameters[0].Tape.Input).ToArray())];
        Traced[][][] parts = [.. silos.Select(s => Dense(parameters, batch, [.. rows.Select(r => s.Features.Select(f => r[f]).ToArray())], s.Layers))];
        Traced[][] joined = [.. rows.Select((r, row) => direct.Select(f => r[f]).Concat(parts.SelectMany(p => p[row])).ToArray())];
        return [.. Dense(parameters, batch, joined, fusion).Select(y => y[0])];
    }
}

/// <summary>
/// An LSTM. Parameters: W [4 × units × inputs], R [4 × units × units] and b [4 × units], gates in the order input, output, forget, cell; scale and
/// offset of the normalisation; the head.
/// </summary>
/// <param name="features">Features of a tick.</param>
/// <param name="units">Units.</param>
/// <param name="hasNorm">Batch normalisation of the last hidden state.</param>
/// <param name="dropout">Behind it; layer 0.</param>
/// <param name="head">Dense layers.</param>
public sealed class NaiveLstm(int[] features, int units, bool hasNorm, double dropout, NaiveLayer[] head) : NaiveNetwork
{
    private const double Epsilon = 1e-5;

    /// <inheritdoc/>
    protected override Traced[] Outputs(Traced[] parameters, NaiveBatch batch)
    {
        Traced[] w = Take(parameters, 4 * units * features.Length);
        Traced[] r = Take(parameters, 4 * units * units);
        Traced[] b = Take(parameters, 4 * units);
        Traced[][] hidden = [.. batch.Windows.Select(window => Last(w, r, b, window))];
        if (hasNorm)
        {
            hidden = Normalise(hidden, Take(parameters, units), Take(parameters, units), batch.IsTraining);
        }

        hidden = [.. hidden.Select((h, row) => h.Select((x, u) => Drop(x, dropout, batch, 0, u, row)).ToArray())];
        return [.. Dense(parameters, batch, hidden, head).Select(y => y[0])];
    }

    private Traced[] Last(Traced[] w, Traced[] r, Traced[] b, double[][] window)
    {
        Tape tape = w[0].Tape;
        Traced[] h = [.. Enumerable.Range(0, units).Select(_ => tape.Input(0))];
        Traced[] c = [.. h];
        foreach (double[] tick in window)
        {
            Traced[] x = [.. features.Select(f => tape.Input(tick[f]))];
            Traced Sum(int gate, int u)
            {
                int row = (gate * units) + u;
                Traced sum = b[row];
                for (int i = 0; i < x.Length; i++)
                {
                    sum += w[(row * x.Length) + i] * x[i];
                }

                for (int i = 0; i < units; i++)
                {
                    sum += r[(row * units) + i] * h[i];
                }

                return sum;
            }

            Traced[] input = [.. Enumerable.Range(0, units).Select(u => Sum(0, u).Sigmoid())];
            Traced[] output = [.. Enumerable.Range(0, units).Select(u => Sum(1, u).Sigmoid())];
            Traced[] forget = [.. Enumerable.Range(0, units).Select(u => Sum(2, u).Sigmoid())];
            Traced[] cell = [.. Enumerable.Range(0, units).Select(u => Sum(3, u).Tanh())];
            c = [.. Enumerable.Range(0, units).Select(u => (forget[u] * c[u]) + (input[u] * cell[u]))];
            h = [.. Enumerable.Range(0, units).Select(u => output[u] * c[u].Tanh())];
        }

        return h;
    }

    private Traced[][] Normalise(Traced[][] rows, Traced[] scale, Traced[] offset, bool isTraining)
    {
        Tape tape = scale[0].Tape;
        var result = rows.Select(_ => new Traced[units]).ToArray();
        for (int u = 0; u < units; u++)
        {
            Traced mean = isTraining ? rows.Select(row => row[u]).Aggregate((a, x) => a + x) * (1.0 / rows.Length) : tape.Input(Statistics[u]);
            Traced variance = isTraining
                ? rows.Select(row => (row[u] - mean) * (row[u] - mean)).Aggregate((a, x) => a + x) * (1.0 / rows.Length)
                : tape.Input(Statistics[units + u]);
            if (isTraining)
            {
                Statistics[u] = (0.9 * Statistics[u]) + (0.1 * mean.Value);
                Statistics[units + u] = (0.9 * Statistics[units + u]) + (0.1 * variance.Value * rows.Length / (rows.Length - 1));
            }

            Traced inverse = (variance + Epsilon).InverseRoot();
            for (int row = 0; row < rows.Length; row++)
            {
                result[row][u] = ((rows[row][u] - mean) * inverse * scale[u]) + offset[u];
            }
        }

        return result;
    }
}
