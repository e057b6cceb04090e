using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Engine.Training.Trees;

/// <summary>A booster of XGBoost.</summary>
/// <remarks>SAFETY: texts are zero-terminated and pinned during a call; what the library gives back is copied before the next one.</remarks>
internal sealed unsafe class XgboostBooster : IDisposable
{
    // SAFETY: as said above; handles are the library's own.
    private nint _handle;

    /// <param name="matrices">What it will see.</param>
    public XgboostBooster(params XgboostMatrix[] matrices)
    {
        var create = (delegate* unmanaged[Cdecl]<nint*, ulong, nint*, int>)XgboostLibrary.Function("XGBoosterCreate");
        nint[] handles = [.. matrices.Select(m => m.Handle)];
        fixed (nint* list = handles, handle = &_handle)
        {
            XgboostLibrary.Check(create(list, (ulong)handles.Length, handle), "XGBoosterCreate");
        }
    }

    /// <summary>Sets a parameter.</summary>
    public void Set(string name, string value)
    {
        var set = (delegate* unmanaged[Cdecl]<nint, byte*, byte*, int>)XgboostLibrary.Function("XGBoosterSetParam");
        fixed (byte* n = Text(name), v = Text(value))
        {
            XgboostLibrary.Check(set(_handle, n, v), $"XGBoosterSetParam {name}={value}");
        }
    }

    /// <summary>Adds a tree.</summary>
    public void Update(int round, XgboostMatrix matrix)
    {
        var update = (delegate* unmanaged[Cdecl]<nint, int, nint, int>)XgboostLibrary.Function("XGBoosterUpdateOneIter");
        XgboostLibrary.Check(update(_handle, round, matrix.Handle), "XGBoosterUpdateOneIter");
    }

    /// <summary>The metric over some rows.</summary>
    public double Evaluate(int round, XgboostMatrix matrix)
    {
        var evaluate = (delegate* unmanaged[Cdecl]<nint, int, nint*, byte**, ulong, byte**, int>)XgboostLibrary.Function("XGBoosterEvalOneIter");
        nint handle = matrix.Handle;
        byte* result;
        fixed (byte* name = "m\0"u8)
        {
            byte* names = name;
            XgboostLibrary.Check(evaluate(_handle, round, &handle, &names, 1, &result), "XGBoosterEvalOneIter");
        }

        // "[3]\tm-logloss:0.6931"
        string text = Marshal.PtrToStringUTF8((nint)result) ?? "";
        return double.TryParse(text.AsSpan(text.LastIndexOf(':') + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw new XgboostException($"XGBoosterEvalOneIter says '{text}', which holds no number");
    }

    /// <summary>The model as JSON.</summary>
    public byte[] Save()
    {
        var save = (delegate* unmanaged[Cdecl]<nint, byte*, ulong*, byte**, int>)XgboostLibrary.Function("XGBoosterSaveModelToBuffer");
        ulong length;
        byte* bytes;
        fixed (byte* options = "{\"format\":\"json\"}\0"u8)
        {
            XgboostLibrary.Check(save(_handle, options, &length, &bytes), "XGBoosterSaveModelToBuffer");
        }

        return new ReadOnlySpan<byte>(bytes, checked((int)length)).ToArray();
    }

    /// <summary>Takes the trees of a model that was saved, in place of its own.</summary>
    public void Load(ReadOnlySpan<byte> json)
    {
        var load = (delegate* unmanaged[Cdecl]<nint, byte*, ulong, int>)XgboostLibrary.Function("XGBoosterLoadModelFromBuffer");
        fixed (byte* bytes = json)
        {
            XgboostLibrary.Check(load(_handle, bytes, (ulong)json.Length), "XGBoosterLoadModelFromBuffer");
        }
    }

    /// <summary>The predictions of rows, by all trees.</summary>
    public float[] Predict(XgboostMatrix matrix)
    {
        var predict = (delegate* unmanaged[Cdecl]<nint, nint, int, uint, int, ulong*, float**, int>)XgboostLibrary.Function("XGBoosterPredict");
        ulong count;
        float* values;
        XgboostLibrary.Check(predict(_handle, matrix.Handle, 0, 0, 0, &count, &values), "XGBoosterPredict");
        return new ReadOnlySpan<float>(values, checked((int)count)).ToArray();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_handle != 0)
        {
            _ = ((delegate* unmanaged[Cdecl]<nint, int>)XgboostLibrary.Function("XGBoosterFree"))(_handle);
            _handle = 0;
        }
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text + "\0");
}
