namespace Engine.Inference.OnnxRuntime;

/// <summary>ONNX Runtime's library cannot be had or is not usable: a missing library (exit 2). The message has the next step.</summary>
public sealed class OrtUnavailableException : Exception
{
    /// <param name="message">What is missing, where it was looked for, and what to do.</param>
    /// <param name="inner">The loader's own error, if any.</param>
    public OrtUnavailableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>ONNX Runtime reported an error; the message is its own.</summary>
public sealed class OrtException : Exception
{
    /// <param name="call">The function that failed.</param>
    /// <param name="code">ONNX Runtime's error code.</param>
    /// <param name="message">Its message.</param>
    public OrtException(string call, int code, string message)
        : base($"ONNX Runtime: {call} failed with code {code}: {message}")
    {
        Code = code;
    }

    /// <summary>ONNX Runtime's error code.</summary>
    public int Code { get; }
}
