using System.Globalization;
using Engine.Training.Runs;

namespace Engine.Lab;

/// <summary>One line on a terminal while a model is trained, and a line for what is done.</summary>
/// <param name="error">Standard error.</param>
internal sealed class TrainingObserver(TextWriter error) : IRunObserver, IDisposable
{
    private readonly StatusLine _status = new(error);

    /// <inheritdoc/>
    public void At(in RunProgress p)
    {
        string speed = p.SamplesPerSecond > 0 ? string.Create(CultureInfo.InvariantCulture, $"  {p.SamplesPerSecond:N0} samples/s  {p.Left:hh\\:mm\\:ss} left") : "";
        _status.Show(string.Create(
            CultureInfo.InvariantCulture, $"{p.Model} {p.Round}  epoch {p.Epoch + 1}/{p.Epochs} {(double)p.Step / p.Steps,4:P0}  loss {p.Loss:G4}  valid {p.ValidLoss:G4}{speed}"));
    }

    /// <inheritdoc/>
    public void Say(string line)
    {
        _status.Clear();
        error.WriteLine(line);
    }

    /// <inheritdoc/>
    public void Dispose() => _status.Dispose();
}
