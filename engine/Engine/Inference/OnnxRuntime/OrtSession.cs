using System.Runtime.InteropServices;
using System.Text;
using Engine.Core.Memory;

namespace Engine.Inference.OnnxRuntime;

/// <summary>
/// One model in ONNX Runtime: sequential, one thread inside an operator, no spinning. Tensors are bound once by
/// <see cref="Bind"/>; a run passes prepared arrays and allocates nothing on our side. Not thread-safe.
/// </summary>
public sealed unsafe class OrtSession : IDisposable
{
    private const int MaxBindings = 256;

    private readonly OrtApi _api = OrtLibrary.Api;
    private readonly void* _session;
    private readonly List<NativeBuffer<byte>> _names = [];
    private readonly NativeBuffer<nint> _inputNames;
    private readonly NativeBuffer<nint> _outputNames;
    private readonly NativeBuffer<nint> _inputs;
    private readonly NativeBuffer<nint> _outputs;
    private OrtTensor[] _bound = [];
    private bool _disposed;

    /// <param name="model">The bytes of an ONNX file; not needed after the constructor.</param>
    /// <exception cref="OrtUnavailableException">The library cannot be had.</exception>
    /// <exception cref="OrtException">ONNX Runtime refuses the model.</exception>
    public OrtSession(ReadOnlySpan<byte> model)
    {
        void* environment = OrtLibrary.SharedEnvironment();
        void* options = null;
        try
        {
            // SAFETY: out parameters are locals; strings are zero-terminated and copied; the model is copied by the callee.
            _api.Check(_api.CreateSessionOptions(&options), nameof(_api.CreateSessionOptions));
            _api.Check(_api.SetSessionExecutionMode(options, 0), nameof(_api.SetSessionExecutionMode));
            _api.Check(_api.SetIntraOpNumThreads(options, 1), nameof(_api.SetIntraOpNumThreads));
            _api.Check(_api.SetInterOpNumThreads(options, 1), nameof(_api.SetInterOpNumThreads));
            _api.Check(_api.SetSessionGraphOptimizationLevel(options, 99), nameof(_api.SetSessionGraphOptimizationLevel));
            Configure(options, "session.intra_op.allow_spinning\0"u8, "0\0"u8);
            Configure(options, "session.inter_op.allow_spinning\0"u8, "0\0"u8);
            void* session;
            fixed (byte* bytes = model)
            {
                _api.Check(_api.CreateSessionFromArray(environment, bytes, (nuint)model.Length, options, &session), nameof(_api.CreateSessionFromArray));
            }

            _session = session;
        }
        finally
        {
            if (options != null)
            {
                _api.ReleaseSessionOptions(options);
            }
        }

        InputNames = Names(_api.SessionGetInputCount, _api.SessionGetInputName);
        OutputNames = Names(_api.SessionGetOutputCount, _api.SessionGetOutputName);
        _inputNames = Prepare(InputNames);
        _outputNames = Prepare(OutputNames);
        _inputs = new NativeBuffer<nint>(InputNames.Count + 1);
        _outputs = new NativeBuffer<nint>(OutputNames.Count + 1);
    }

    /// <summary>Releases the session of an owner that nobody disposed.</summary>
    ~OrtSession() => Free();

    /// <summary>The graph's inputs, in order.</summary>
    public IReadOnlyList<string> InputNames { get; }

    /// <summary>The graph's outputs, in order.</summary>
    public IReadOnlyList<string> OutputNames { get; }

    /// <summary>Says which tensors every following run reads and writes. They stay the caller's and must outlive the runs.</summary>
    /// <param name="inputs">One for each input of the graph.</param>
    /// <param name="outputs">One for each output, of the shape that comes out.</param>
    /// <exception cref="ArgumentException">Another number of tensors.</exception>
    public void Bind(ReadOnlySpan<OrtTensor> inputs, ReadOnlySpan<OrtTensor> outputs)
    {
        if (inputs.Length != InputNames.Count || outputs.Length != OutputNames.Count)
        {
            throw new ArgumentException($"{inputs.Length} inputs and {outputs.Length} outputs for a graph with {InputNames.Count} and {OutputNames.Count}.");
        }

        for (int i = 0; i < inputs.Length; i++)
        {
            _inputs[i] = (nint)inputs[i].Value;
        }

        for (int i = 0; i < outputs.Length; i++)
        {
            _outputs[i] = (nint)outputs[i].Value;
        }

        _bound = [.. inputs, .. outputs];
    }

    /// <summary>Runs the graph over the bound tensors.</summary>
    /// <exception cref="OrtException">The run failed, e.g. because a shape does not fit.</exception>
    /// <exception cref="InvalidOperationException">Nothing is bound.</exception>
    public void Run()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_bound.Length == 0)
        {
            throw new InvalidOperationException("Bind comes before Run.");
        }

        // SAFETY: the arrays hold a name and a live value for each input and output; _bound keeps the tensors reachable.
        void* status = _api.Run(
            _session, null,
            (byte**)_inputNames.Pointer, (void**)_inputs.Pointer, (nuint)InputNames.Count,
            (byte**)_outputNames.Pointer, (nuint)OutputNames.Count, (void**)_outputs.Pointer);
        _api.Check(status, nameof(_api.Run));

        // Neither the session nor its tensors may be finalized while the library works on them.
        GC.KeepAlive(this);
    }

    /// <summary>Releases the session; bound tensors stay their owner's.</summary>
    public void Dispose()
    {
        Free();
        foreach (NativeBuffer<byte> name in _names)
        {
            name.Dispose();
        }

        _inputNames.Dispose();
        _outputNames.Dispose();
        _inputs.Dispose();
        _outputs.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (!_disposed && _session != null)
        {
            // SAFETY: the session is ours and is released once.
            _api.ReleaseSession(_session);
        }

        _disposed = true;
    }

    private void Configure(void* options, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        // SAFETY: both texts are zero-terminated and copied by the callee.
        fixed (byte* k = key, v = value)
        {
            _api.Check(_api.AddSessionConfigEntry(options, k, v), nameof(_api.AddSessionConfigEntry));
        }
    }

    private string[] Names(
        delegate* unmanaged[Cdecl]<void*, nuint*, void*> getCount,
        delegate* unmanaged[Cdecl]<void*, nuint, void*, byte**, void*> getName)
    {
        // SAFETY: out parameters are locals; each name is copied, then freed with the allocator that made it.
        nuint count;
        _api.Check(getCount(_session, &count), "SessionGetCount");
        if (count > MaxBindings)
        {
            throw new OrtException("SessionGetCount", 0, $"{count} inputs or outputs; at most {MaxBindings} are allowed.");
        }

        void* allocator;
        _api.Check(_api.GetAllocatorWithDefaultOptions(&allocator), nameof(_api.GetAllocatorWithDefaultOptions));
        var names = new string[(int)count];
        for (int i = 0; i < names.Length; i++)
        {
            byte* name;
            _api.Check(getName(_session, (nuint)i, allocator, &name), "SessionGetName");
            names[i] = Marshal.PtrToStringUTF8((nint)name) ?? string.Empty;
            _api.Check(_api.AllocatorFree(allocator, name), nameof(_api.AllocatorFree));
        }

        return names;
    }

    private NativeBuffer<nint> Prepare(IReadOnlyList<string> names)
    {
        var pointers = new NativeBuffer<nint>(names.Count + 1);
        for (int i = 0; i < names.Count; i++)
        {
            // One byte more than the text: the buffer is zeroed, so the text is terminated.
            var text = new NativeBuffer<byte>(Encoding.UTF8.GetByteCount(names[i]) + 1);
            Encoding.UTF8.GetBytes(names[i], text.Span);
            _names.Add(text);
            pointers[i] = (nint)text.Pointer;
        }

        return pointers;
    }
}
