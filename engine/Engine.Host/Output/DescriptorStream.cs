using System.Runtime.InteropServices;

namespace Engine.Host.Output;

/// <summary>Which failures of a write are nobody's business.</summary>
internal enum Tolerance
{
    /// <summary>None: every failure is thrown.</summary>
    None,

    /// <summary>A reader that is gone, as the class library has it.</summary>
    BrokenPipe,

    /// <summary>All of them.</summary>
    Everything,
}

/// <summary>A standard stream of the process, written without a buffer and without the class library's own ideas of what fails.</summary>
/// <param name="descriptor">1 or 2.</param>
/// <param name="name">What messages call it.</param>
/// <param name="tolerance">What is passed over.</param>
internal sealed partial class DescriptorStream(int descriptor, string name, Tolerance tolerance) : Stream
{
    /// <summary>errno of a pipe without a reader; also the HResult of the exception it becomes.</summary>
    public const int BrokenPipe = 32;

    private const int Interrupted = 4;
    private const int BadDescriptor = 9;
    private const int TryAgain = 11;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override unsafe void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            nint written = -1;
            int errno = BadDescriptor;
            if (StandardStreams.IsOpen(descriptor))
            {
                // SAFETY: the span stays pinned while libc reads from it.
                fixed (byte* start = buffer)
                {
                    written = write(descriptor, start, (nuint)buffer.Length);
                }

                errno = Marshal.GetLastPInvokeError();
            }

            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }

            if (errno == TryAgain)
            {
                // Somebody made the descriptor non-blocking; its reader decides how long this lasts, as with a blocking one.
                Thread.Sleep(1);
            }
            else if (errno != Interrupted)
            {
                if (tolerance == Tolerance.Everything || (tolerance == Tolerance.BrokenPipe && errno == BrokenPipe))
                {
                    return;
                }

                throw new IOException($"{name} cannot be written: {Marshal.GetPInvokeErrorMessage(errno)}", errno);
            }
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint write(int fd, byte* buffer, nuint count);
}
