using System.Text;

namespace Engine.Core.Hdf5;

/// <summary>What is said of an object, by name. Written before the rows; read as text, numbers or lists of them.</summary>
public static unsafe class Hdf5Attributes
{
    /// <summary>Most attributes of one object that are read.</summary>
    public const int MaxCount = 4_096;

    /// <summary>Most bytes of one attribute that are read.</summary>
    public const int MaxBytes = 16 << 20;

    /// <summary>Writes a text to the root.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(Hdf5File file, string name, string text) => WriteTexts(file, name, [text], isList: false);

    /// <summary>Writes a list of texts to the root; nothing for an empty one, since HDF5 reads that back as a text.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(Hdf5File file, string name, IReadOnlyList<string> texts) => WriteTexts(file, name, texts, isList: true);

    /// <summary>Writes a number to the root.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(Hdf5File file, string name, long value) => WriteNumbers(file, name, [value], isList: false);

    /// <summary>Writes a list of numbers to the root.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(Hdf5File file, string name, IReadOnlyList<long> values) => WriteNumbers(file, name, [.. values], isList: true);

    /// <summary>Writes a text to a group or a dataset.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">The object.</param>
    /// <param name="name">Name of the attribute.</param>
    /// <param name="value">The text.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void WriteTo(Hdf5File file, string path, string name, string value)
    {
        ArgumentNullException.ThrowIfNull(file);
        byte[] encoded = Encoding.UTF8.GetBytes(value.Length == 0 ? "\0" : value);
        using Hdf5Handle type = Hdf5Texts.Fixed(encoded.Length);
        Hdf5Library.Enter();
        fixed (byte* text = Hdf5Handle.Text(path))
        fixed (byte* source = encoded)
        {
            // SAFETY: the texts are zero-terminated; the source has as many bytes as its type.
            using Hdf5Handle thing = Hdf5Handle.TakeWritten(Hdf5Native.H5Oopen(file.Id, text, Hdf5Native.Default), file, path);
            Write(file, thing.Id, name, type.Id, source, 1, isList: false);
        }
    }

    /// <summary>An attribute of an object; null when there is none of that name.</summary>
    /// <exception cref="Hdf5Exception">It is damaged.</exception>
    public static Hdf5Attribute? Find(Hdf5File file, string name)
    {
        ArgumentNullException.ThrowIfNull(file);
        Hdf5Library.Enter();
        fixed (byte* text = Hdf5Handle.Text(name))
        {
            // SAFETY: the name is zero-terminated.
            return Hdf5Native.H5Aexists(file.Id, text) <= 0 ? null : Read(file.Id, file.Path, name);
        }
    }

    /// <summary>The attributes of an object, by name.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">The object.</param>
    /// <exception cref="Hdf5Exception">One is damaged.</exception>
    public static IReadOnlyList<Hdf5Attribute> Of(Hdf5File file, string path)
    {
        ArgumentNullException.ThrowIfNull(file);
        Hdf5Library.Enter();
        var read = new List<Hdf5Attribute>();
        fixed (byte* text = Hdf5Handle.Text(path))
        {
            // SAFETY: the texts are zero-terminated.
            using Hdf5Handle thing = Hdf5Handle.Take(Hdf5Native.H5Oopen(file.Id, text, Hdf5Native.Default), file.Path, path);
            foreach (string name in Hdf5Links.Attributes(thing.Id, file.Path, path, MaxCount))
            {
                read.Add(Read(thing.Id, file.Path, name));
            }
        }

        return read;
    }

    private static Hdf5Attribute Read(long thing, string file, string name)
    {
        fixed (byte* text = Hdf5Handle.Text(name))
        {
            // SAFETY: the name is zero-terminated.
            using Hdf5Handle attribute = Hdf5Handle.Take(Hdf5Native.H5Aopen(thing, text, Hdf5Native.Default), file, $"attribute {name}");
            return Hdf5AttributeReader.Read(attribute.Id, file, name);
        }
    }

    private static void WriteNumbers(Hdf5File file, string name, long[] values, bool isList)
    {
        fixed (long* source = values)
        {
            Write(file, file.Id, name, Hdf5Element.Of<long>(), source, values.Length, isList);
        }
    }

    private static void WriteTexts(Hdf5File file, string name, IReadOnlyList<string> texts, bool isList)
    {
        if (texts.Count == 0)
        {
            return;
        }

        // Of one length, that of the longest: they lie in the object's header, which has a checksum, while texts of lengths of their
        // own lie in a heap that has none.
        byte[][] encoded = [.. texts.Select(Encoding.UTF8.GetBytes)];
        int longest = Math.Max(1, encoded.Max(t => t.Length));
        byte[] padded = new byte[encoded.Length * longest];
        for (int i = 0; i < encoded.Length; i++)
        {
            encoded[i].CopyTo(padded, i * longest);
        }

        using Hdf5Handle type = Hdf5Texts.Fixed(longest);
        fixed (byte* source = padded)
        {
            Write(file, file.Id, name, type.Id, source, texts.Count, isList);
        }
    }

    private static void Write(Hdf5File file, long thing, string name, long type, void* values, int count, bool isList)
    {
        Hdf5Library.Enter();
        ulong size = (ulong)count;
        using Hdf5Handle space = Hdf5Handle.TakeWritten(
            isList ? Hdf5Native.H5Screate_simple(1, &size, null) : Hdf5Native.H5Screate(Hdf5Native.SpaceScalar), file, name);
        fixed (byte* text = Hdf5Handle.Text(name))
        {
            // SAFETY: as many values of the type as the space has; texts are zero-terminated.
            using Hdf5Handle attribute = Hdf5Handle.TakeWritten(
                Hdf5Native.H5Acreate2(thing, text, type, space.Id, Hdf5Native.Default, Hdf5Native.Default), file, name);
            if (Hdf5Native.H5Awrite(attribute.Id, type, values) < 0)
            {
                file.Fail(name);
            }
        }
    }
}
