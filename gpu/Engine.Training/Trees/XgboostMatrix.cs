using Engine.Training.Datasets;
using Engine.Training.Losses;

namespace Engine.Training.Trees;

/// <summary>Some rows of a data set with their labels, raw, in XGBoost's own memory. NaN is what is missing; infinities too.</summary>
/// <remarks>SAFETY: arrays are pinned while they are copied, and as long as they are said to be.</remarks>
internal sealed unsafe class XgboostMatrix : IDisposable
{
    // SAFETY: as said above; the handle is the library's own.
    private nint _handle;

    /// <param name="data">The rows.</param>
    /// <param name="rows">Which of them; each has a label.</param>
    /// <param name="loss">Its class weights become weights of the rows, which gradient and metric follow.</param>
    /// <exception cref="ArgumentException">A row has no label, or there are too many values.</exception>
    public XgboostMatrix(TrainingData data, ReadOnlySpan<int> rows, LossSpec loss)
    {
        if ((long)rows.Length * data.Columns > TrainingData.MaxValues)
        {
            throw new ArgumentException($"{rows.Length} rows of {data.Columns} features; at most {TrainingData.MaxValues} values are allowed.", nameof(rows));
        }

        var features = new float[rows.Length * data.Columns];
        var labels = new float[rows.Length];
        var weights = new float[rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            Span<float> row = features.AsSpan(i * data.Columns, data.Columns);
            data.Row(rows[i]).CopyTo(row);
            foreach (ref float value in row)
            {
                value = float.IsFinite(value) ? value : float.NaN;
            }

            (labels[i], weights[i]) = float.IsFinite(data.Labels[rows[i]])
                ? XgboostTrainer.Weighted(data.Labels[rows[i]], loss)
                : throw new ArgumentException($"The label of row {rows[i]} is {data.Labels[rows[i]]}.", nameof(rows));
        }

        var create = (delegate* unmanaged[Cdecl]<float*, ulong, ulong, float, nint*, int>)XgboostLibrary.Function("XGDMatrixCreateFromMat");
        var set = (delegate* unmanaged[Cdecl]<nint, byte*, float*, ulong, int>)XgboostLibrary.Function("XGDMatrixSetFloatInfo");
        fixed (float* f = features, l = labels, w = weights)
        fixed (nint* handle = &_handle)
        fixed (byte* label = "label\0"u8, weight = "weight\0"u8)
        {
            XgboostLibrary.Check(create(f, (ulong)rows.Length, (ulong)data.Columns, float.NaN, handle), "XGDMatrixCreateFromMat");
            XgboostLibrary.Check(set(_handle, label, l, (ulong)rows.Length), "XGDMatrixSetFloatInfo label");
            XgboostLibrary.Check(set(_handle, weight, w, (ulong)rows.Length), "XGDMatrixSetFloatInfo weight");
        }
    }

    /// <summary>Its handle.</summary>
    public nint Handle => _handle;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_handle != 0)
        {
            _ = ((delegate* unmanaged[Cdecl]<nint, int>)XgboostLibrary.Function("XGDMatrixFree"))(_handle);
            _handle = 0;
        }
    }
}
