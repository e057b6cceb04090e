using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Core.Hdf5;

/// <summary>Turns the error stack of libhdf5 into one sentence: what was wanted of which file, and the innermost cause.</summary>
internal static unsafe class Hdf5Errors
{
    private const int MostEntries = 64;
    private const string SystemMessage = "error message = '";

    [ThreadStatic]
    private static List<string>? t_story;

    /// <summary>H5E_error2_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Entry
    {
        /// <summary>The class, and the numbers of the error in it.</summary>
        public long ErrorClass, Major, Minor;

        /// <summary>Line in the library's source.</summary>
        public uint Line;

        /// <summary>Function, file and description, zero-terminated.</summary>
        public byte* Function, File, Description;
    }

    /// <summary>Passes an identifier or a count on; a negative one is a failure.</summary>
    /// <exception cref="Hdf5Exception">The call failed.</exception>
    public static long Check(long result, string path, string what)
    {
        if (result < 0)
        {
            ThrowRead(path, what);
        }

        return result;
    }

    /// <summary>A call failed that reads: the file is damaged or cannot be read here.</summary>
    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void ThrowRead(string path, string what) => throw new Hdf5Exception($"{path}: {what} cannot be read: {Story()}");

    /// <summary>A call failed that writes: a full disk, a file that may not grow.</summary>
    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void ThrowWrite(string path, string what)
    {
        string story = Story();
        throw new IOException(story.StartsWith("File too large", StringComparison.Ordinal)
            ? $"{path}: the file may not grow further (ulimit -f)"
            : $"{path}: {what} cannot be written: {story}");
    }

    /// <summary>The cause: what the operating system said where it was asked, else the innermost description with the function it is of.</summary>
    private static string Story()
    {
        List<string> story = t_story ??= new List<string>(MostEntries);
        story.Clear();

        // SAFETY: the callback only adds to this thread's list, and is called before H5Ewalk2 returns.
        _ = Hdf5Native.H5Ewalk2(Hdf5Native.Default, Hdf5Native.WalkUpward, &Add, null);
        foreach (string text in story)
        {
            int start = text.IndexOf(SystemMessage, StringComparison.Ordinal);
            int end = start < 0 ? -1 : text.IndexOf('\'', start + SystemMessage.Length);
            if (end >= 0)
            {
                return text[(start + SystemMessage.Length)..end];
            }
        }

        return story.Count > 0 ? story[0] : "libhdf5 does not say why";
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Add(uint index, Entry* entry, void* data)
    {
        if (t_story!.Count < MostEntries)
        {
            // SAFETY: the entry and its texts live during the walk.
            t_story.Add(Marshal.PtrToStringUTF8((nint)entry->Description) ?? "");
        }

        return 0;
    }
}
