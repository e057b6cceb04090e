namespace Engine.Core.Hdf5;

/// <summary>libhdf5 cannot be had or is not usable: a missing library (exit 2). The message has the next step.</summary>
public sealed class Hdf5UnavailableException : Exception
{
    /// <param name="message">What is missing, where it was looked for, and what to do.</param>
    /// <param name="inner">The loader's own error, if any.</param>
    public Hdf5UnavailableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>An HDF5 file is damaged, or holds what cannot be read here: a fault in the data. The message names the file and the object.</summary>
public sealed class Hdf5Exception : Exception
{
    /// <param name="message">What, where, and what libhdf5 says to it.</param>
    public Hdf5Exception(string message)
        : base(message)
    {
    }
}
