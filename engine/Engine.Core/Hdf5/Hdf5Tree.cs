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

        fixed (byte* path = Hdf5Handle.Text(group))
        {
            // SAFETY: the path is zero-terminated.
            using Hdf5Handle thing = Hdf5Handle.Take(Hdf5Native.H5Oopen(_file.Id, path, Hdf5Native.Default), _file.Path, $"group {group}");
            foreach (Hdf5Link link in Hdf5Links.Of(thing.Id, _file.Path, group, MaxNodes))
            {
                Visit(thing.Id, link, (group == "/" ? "" : group) + "/" + link.Name, depth);
            }
        }
    }

    private void Visit(long group, Hdf5Link link, string path, int depth)
    {
        if (_nodes.Count >= MaxNodes)
        {
            IsCut = true;
            return;
        }

        fixed (byte* name = Hdf5Handle.Text(link.Name))
        {
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

            // SAFETY: the name is zero-terminated.
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
