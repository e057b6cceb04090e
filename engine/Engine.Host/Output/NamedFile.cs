namespace Engine.Host.Output;

/// <summary>
/// A file to write, not buffered, whose every failure is an <see cref="IOException"/> that names it: of a file that may not grow
/// further (EFBIG) the class library makes an exception about an argument.
/// </summary>
internal sealed class NamedFile(string path, FileMode mode) : FileStream(path, mode, FileAccess.Write, FileShare.Read, 1)
{
    /// <summary>Writes; a span comes through here as well, by the class library's rule for derived streams.</summary>
    public override void Write(byte[] buffer, int offset, int count)
    {
        try
        {
            base.Write(buffer, offset, count);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new IOException($"{Name}: the file may not grow further (ulimit -f)", e);
        }
    }
}
