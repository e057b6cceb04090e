using System.Text;

namespace Engine.Core.Hdf5;

/// <summary>An identifier of libhdf5 that is ours to give back: a type, a space, a property list, a dataset, an attribute, a group.</summary>
/// <param name="Id">The identifier.</param>
internal readonly record struct Hdf5Handle(long Id) : IDisposable
{
    /// <summary>Takes what a call gave; a negative one is its failure.</summary>
    /// <exception cref="Hdf5Exception">The call failed.</exception>
    public static Hdf5Handle Take(long id, string path, string what) => new(Hdf5Errors.Check(id, path, what));

    /// <summary>Takes what a call that writes gave.</summary>
    /// <exception cref="IOException">The call failed.</exception>
    public static Hdf5Handle TakeWritten(long id, Hdf5File file, string what)
    {
        if (id < 0)
        {
            file.Fail(what);
        }

        return new Hdf5Handle(id);
    }

    /// <summary>A new list of properties of a class that the library keeps in a variable.</summary>
    public static Hdf5Handle Properties(string classVariable, string path) =>
        Take(Hdf5Native.H5Pcreate(Hdf5Library.Identifier(classVariable)), path, "a property list");

    /// <summary>Text as the library wants it: UTF-8, zero-terminated.</summary>
    public static byte[] Text(string text)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    /// <summary>Gives it back.</summary>
    public void Dispose()
    {
        if (Id > 0)
        {
            _ = Hdf5Native.H5Idec_ref(Id);
        }
    }
}
