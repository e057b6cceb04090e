using System.Runtime.InteropServices;
using System.Text;

namespace Engine.Core.Hdf5;

/// <summary>What a link of a file leads to.</summary>
public enum Hdf5NodeKind
{
    /// <summary>A group.</summary>
    Group,

    /// <summary>A dataset.</summary>
    Dataset,

    /// <summary>A named type.</summary>
    Type,

    /// <summary>A link that is not followed: soft, external, or another name of what was listed already.</summary>
    Link,

    /// <summary>Something that cannot be opened.</summary>
    Unreadable,
}

/// <summary>A place in a file.</summary>
/// <param name="Path">From the root, with a slash first.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Note">Of a link: where it leads. Of what cannot be read: why. Else empty.</param>
public sealed record Hdf5Node(string Path, Hdf5NodeKind Kind, string Note);

/// <summary>Walks over the hard links of a file, by name; each object is met once.</summary>
public sealed unsafe class Hdf5Tree
{
    /// <summary>Most places that are listed.</summary>
    public const int MaxNodes = 10_000;

    /// <summary>Deepest group that is entered.</summary>
    public const int MaxDepth = 32;

    private const int MaxNameBytes = 1_024;

    private readonly Hdf5File _file;
    private readonly List<Hdf5Node> _nodes = [];
    private readonly HashSet<ulong> _seen = [];

    private Hdf5Tree(Hdf5File file) => _file = file;

    /// <summary>Whether there was more than <see cref="MaxNodes"/> or <see cref="MaxDepth"/> let in.</summary>
    public bool IsCut { get; private set; }

    /// <summary>The places, groups before what they hold; the root is the first.</summary>
    public IReadOnlyList<Hdf5Node> Nodes => _nodes;

    /// <summary>Lists a file.</summary>
    /// <exception cref="Hdf5Exception">The root cannot be read.</exception>
    public static Hdf5Tree Of(Hdf5File file)
    {
        ArgumentNullException.ThrowIfNull(file);
        Hdf5Library.Enter();
        var tree = new Hdf5Tree(file);
        tree._nodes.Add(new Hdf5Node("/", Hdf5NodeKind.Group, ""));
        tree.Enter("/", 0);
        return tree;
    }

    private void Enter(string group, int depth)
    {
        if (depth > MaxDepth)
        {
            IsCut = true;
            return;
        }

        Hdf5Native.GroupInfo info;
        byte* name = stackalloc byte[MaxNameBytes];
        fixed (byte* path = Hdf5Handle.Text(group), self = Hdf5Handle.Text("."))
        {
            // SAFETY: texts are zero-terminated; a longer name is cut to its buffer, and then leads nowhere.
            using Hdf5Handle thing = Hdf5Handle.Take(Hdf5Native.H5Oopen(_file.Id, path, Hdf5Native.Default), _file.Path, $"group {group}");
            _ = Hdf5Errors.Check(Hdf5Native.H5Gget_info(thing.Id, &info), _file.Path, $"group {group}");
            for (ulong i = 0; i < info.Links && !IsCut; i++)
            {
                _ = Hdf5Errors.Check(
                    Hdf5Native.H5Lget_name_by_idx(thing.Id, self, Hdf5Native.ByName, 0, i, name, MaxNameBytes, Hdf5Native.Default),
                    _file.Path, FormattableString.Invariant($"link {i} of group {group}"));
                Visit(thing.Id, name, (group == "/" ? "" : group) + "/" + (Marshal.PtrToStringUTF8((nint)name) ?? ""), depth);
            }
        }
    }

    private void Visit(long group, byte* name, string path, int depth)
    {
        if (_nodes.Count >= MaxNodes)
        {
            IsCut = true;
            return;
        }

        Hdf5Native.LinkInfo link;
        if (LinkInfo(group, name, &link) < 0)
        {
            _nodes.Add(new Hdf5Node(path, Hdf5NodeKind.Unreadable, "its link cannot be read"));
            return;
        }

        if (link.Kind != Hdf5Native.LinkHard)
        {
            _nodes.Add(new Hdf5Node(path, Hdf5NodeKind.Link, link.Kind == Hdf5Native.LinkSoft ? $"a soft link to {Target(group, name, link.Value)}" : "a link out of the file"));
            return;
        }

        if (!_seen.Add(link.Value))
        {
            _nodes.Add(new Hdf5Node(path, Hdf5NodeKind.Link, "another name of what is listed above"));
            return;
        }

        // SAFETY: the name is the library's own, zero-terminated.
        using Hdf5Handle thing = new(Hdf5Native.H5Oopen(group, name, Hdf5Native.Default));
        Hdf5NodeKind kind = thing.Id < 0 ? Hdf5NodeKind.Unreadable : Hdf5Native.H5Iget_type(thing.Id) switch
        {
            Hdf5Native.KindGroup => Hdf5NodeKind.Group,
            Hdf5Native.KindDataset => Hdf5NodeKind.Dataset,
            Hdf5Native.KindType => Hdf5NodeKind.Type,
            _ => Hdf5NodeKind.Unreadable,
        };
        _nodes.Add(new Hdf5Node(path, kind, kind == Hdf5NodeKind.Unreadable ? "it cannot be opened" : ""));
        if (kind == Hdf5NodeKind.Group)
        {
            Enter(path, depth + 1);
        }
    }

    private static int LinkInfo(long group, byte* name, Hdf5Native.LinkInfo* link)
    {
        try
        {
            return Hdf5Native.H5Lget_info(group, name, link, Hdf5Native.Default);
        }
        catch (EntryPointNotFoundException)
        {
            // Since 1.12 the name without a number is a macro of the headers.
            return Hdf5Native.H5Lget_info1(group, name, link, Hdf5Native.Default);
        }
    }

    private static string Target(long group, byte* name, ulong bytes)
    {
        if (bytes is 0 or > MaxNameBytes)
        {
            return "somewhere";
        }

        byte* value = stackalloc byte[MaxNameBytes];
        return Hdf5Native.H5Lget_val(group, name, value, MaxNameBytes, Hdf5Native.Default) < 0
            ? "somewhere" : Encoding.UTF8.GetString(value, (int)bytes - 1);
    }
}
