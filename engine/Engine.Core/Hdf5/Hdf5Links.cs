using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Core.Hdf5;

/// <summary>A link of a group.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">H5L_TYPE_HARD, H5L_TYPE_SOFT or another.</param>
/// <param name="Value">Address of the object (hard), or bytes of the value.</param>
internal readonly record struct Hdf5Link(string Name, int Kind, ulong Value);

/// <summary>The names in a group, and those of an object's attributes, in the order of the names.</summary>
internal static unsafe class Hdf5Links
{
    [ThreadStatic]
    private static List<Hdf5Link>? t_found;

    [ThreadStatic]
    private static int t_most;

    /// <summary>The links of a group.</summary>
    /// <param name="group">The open group.</param>
    /// <param name="file">The file, for messages.</param>
    /// <param name="path">The group, for messages.</param>
    /// <param name="most">Most of them; the rest is left out.</param>
    /// <exception cref="Hdf5Exception">The group is damaged.</exception>
    public static Hdf5Link[] Of(long group, string file, string path, int most)
    {
        Begin(most);
        ulong from = 0;

        // SAFETY: the callback only adds to this thread's list, and is called before the function returns.
        int result;
        try
        {
            result = Hdf5Native.H5Literate(group, Hdf5Native.ByName, Hdf5Native.AsTheyLie, &from, &AddLink, null);
        }
        catch (EntryPointNotFoundException)
        {
            // Since 1.12 the name without a number is a macro of the headers.
            result = Hdf5Native.H5Literate1(group, Hdf5Native.ByName, Hdf5Native.AsTheyLie, &from, &AddLink, null);
        }

        return End(result, file, $"group {path}");
    }

    /// <summary>The names of an object's attributes.</summary>
    /// <param name="thing">The open object.</param>
    /// <param name="file">The file, for messages.</param>
    /// <param name="path">The object, for messages.</param>
    /// <param name="most">Most of them; the rest is left out.</param>
    /// <exception cref="Hdf5Exception">The object is damaged.</exception>
    public static IEnumerable<string> Attributes(long thing, string file, string path, int most)
    {
        Begin(most);
        ulong from = 0;

        // SAFETY: as for links.
        int result = Hdf5Native.H5Aiterate2(thing, Hdf5Native.ByName, Hdf5Native.AsTheyLie, &from, &AddAttribute, null);
        return End(result, file, $"a name of the attributes of {path}").Select(l => l.Name);
    }

    private static void Begin(int most)
    {
        t_found = [];
        t_most = most;
    }

    private static Hdf5Link[] End(int result, string file, string what)
    {
        _ = Hdf5Errors.Check(result, file, what);
        return [.. t_found!.OrderBy(l => l.Name, StringComparer.Ordinal)];
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int AddLink(long group, byte* name, Hdf5Native.LinkInfo* link, void* data) => Add(name, link->Kind, link->Value);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int AddAttribute(long thing, byte* name, void* attribute, void* data) => Add(name, 0, 0);

    /// <summary>0 goes on, 1 is enough.</summary>
    private static int Add(byte* name, int kind, ulong value)
    {
        // SAFETY: the library's name is zero-terminated and lives during the call.
        t_found!.Add(new Hdf5Link(Marshal.PtrToStringUTF8((nint)name) ?? "", kind, value));
        return t_found.Count >= t_most ? 1 : 0;
    }
}
