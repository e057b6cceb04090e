using System.Runtime.InteropServices;
using System.Text;

namespace Engine.Host.Output;

/// <summary>
/// The process's three standard streams, made safe before anything else happens. Standard error is where a command talks, so a
/// closed or full one must not decide how the command ends; what cannot be written to standard output is an error that names it.
/// </summary>
internal static partial class StandardStreams
{
    /// <summary>Descriptor of standard output.</summary>
    public const int Output = 1;

    /// <summary>Descriptor of standard error.</summary>
    public const int Error = 2;

    private const int Input = 0;
    private const int GetFlags = 1;
    private const int ReadOnly = 0;
    private const int WriteOnly = 1;
    private const int CloseOnExec = 1;
    private const int FileSizeSignal = 25;
    private const nint IgnoreSignal = 1;

    private static readonly bool[] s_open = [true, true, true];

    /// <summary>Takes the place of <see cref="Console.Out"/> and <see cref="Console.Error"/>, so that no writer passes by.</summary>
    public static void Prepare()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        IgnoreFileSizeSignal();
        HoldClosed();
        Console.SetOut(Text(new DescriptorStream(Output, StandardOutput.Name, Tolerance.BrokenPipe)));
        Console.SetError(Text(new DescriptorStream(Error, "standard error", Tolerance.Everything)));
    }

    /// <summary>
    /// Whether a descriptor was open when the process began. Closed, its number goes to the next file that is opened, and text
    /// would be written into it: the runtime's own, which is left alone (what comes through an exec cannot be closed by one,
    /// what the runtime opens is), or later a log, which is kept from it by a file that cannot be written.
    /// </summary>
    public static bool IsOpen(int descriptor) => s_open[descriptor];

    private static void HoldClosed()
    {
        for (int descriptor = Input; descriptor <= Error; descriptor++)
        {
            int flags = fcntl(descriptor, GetFlags);
            s_open[descriptor] = flags >= 0 && (flags & CloseOnExec) == 0;
            if (flags < 0)
            {
                // The lowest free number is given out, and those below are taken by now.
                _ = open("/dev/null", descriptor == Input ? WriteOnly : ReadOnly);
            }
        }
    }

    /// <summary>Without this the kernel ends the process at a file's allowed size (ulimit -f); ignored, the write fails and is reported.</summary>
    private static void IgnoreFileSizeSignal() => _ = signal(FileSizeSignal, IgnoreSignal);

    private static StreamWriter Text(Stream stream) => new(stream, new UTF8Encoding(false)) { AutoFlush = true };

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint handler);

    [LibraryImport("libc")]
    private static partial int fcntl(int fd, int command);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);
}
