using System.Runtime.InteropServices;
using Engine.Core.Memory;

namespace Engine.Core.Hdf5;

/// <summary>What is said of an object, by name. Written before the rows; read as text, numbers or lists of them.</summary>
public static unsafe class Hdf5Attributes
{
    /// <summary>Most attributes of one object that are read.</summary>
    public const int MaxCount = 4_096;

    /// <summary>Most bytes of one attribute that are read.</summary>
    public const int MaxBytes = 16 << 20;

    private const int MaxNameBytes = 1_024;

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

    /// <summary>An attribute of an object; null when there is none of that name.</summary>
    /// <exception cref="Hdf5Exception">It is damaged.</exception>
    public static Hdf5Attribute? Find(Hdf5File file, string name)
    {
        ArgumentNullException.ThrowIfNull(file);
        Hdf5Library.Enter();
        fixed (byte* text = Hdf5Handle.Text(name))
        {
            // SAFETY: the name is zero-terminated.
            if (Hdf5Native.H5Aexists(file.Id, text) <= 0)
            {
                return null;
            }

            using Hdf5Handle attribute = Hdf5Handle.Take(Hdf5Native.H5Aopen(file.Id, text, Hdf5Native.Default), file.Path, $"attribute {name}");
            return Hdf5AttributeReader.Read(attribute.Id, file.Path, name);
        }
    }

    /// <summary>The attributes of an object, by name.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">The object.</param>
    /// <exception cref="Hdf5Exception">One is damaged, or there are too many.</exception>
    public static IReadOnlyList<Hdf5Attribute> Of(Hdf5File file, string path)
    {
        ArgumentNullException.ThrowIfNull(file);
        Hdf5Library.Enter();
        byte* name = stackalloc byte[MaxNameBytes];
        fixed (byte* text = Hdf5Handle.Text(path), self = Hdf5Handle.Text("."))
        {
            // SAFETY: the texts are zero-terminated; a longer name is cut to its buffer.
            using Hdf5Handle thing = Hdf5Handle.Take(Hdf5Native.H5Oopen(file.Id, text, Hdf5Native.Default), file.Path, path);
            long count = Hdf5Errors.Check(Hdf5Native.H5Aget_num_attrs(thing.Id), file.Path, $"the attributes of {path}");
            if (count > MaxCount)
            {
                throw new Hdf5Exception(FormattableString.Invariant($"{file.Path}: {path} has {count} attributes; at most {MaxCount} are read"));
            }

            var read = new Hdf5Attribute[count];
            for (int i = 0; i < read.Length; i++)
            {
                string what = $"an attribute of {path}";
                using Hdf5Handle attribute = Hdf5Handle.Take(
                    Hdf5Native.H5Aopen_by_idx(thing.Id, self, Hdf5Native.ByName, 0, (ulong)i, Hdf5Native.Default, Hdf5Native.Default), file.Path, what);
                _ = Hdf5Errors.Check(Hdf5Native.H5Aget_name(attribute.Id, MaxNameBytes, name), file.Path, what);
                read[i] = Hdf5AttributeReader.Read(attribute.Id, file.Path, Marshal.PtrToStringUTF8((nint)name) ?? "");
            }

            return read;
        }
    }

    private static void WriteNumbers(Hdf5File file, string name, long[] values, bool isList)
    {
        fixed (long* source = values)
        {
            Write(file, name, Hdf5Element.Of<long>(), source, values.Length, isList);
        }
    }

    private static void WriteTexts(Hdf5File file, string name, IReadOnlyList<string> texts, bool isList)
    {
        if (texts.Count == 0)
        {
            return;
        }

        using Hdf5Handle type = Hdf5Texts.Variable();
        using var pointers = new NativeBuffer<nint>(texts.Count);
        try
        {
            for (int i = 0; i < texts.Count; i++)
            {
                pointers[i] = Marshal.StringToCoTaskMemUTF8(texts[i]);
            }

            Write(file, name, type.Id, pointers.Pointer, texts.Count, isList);
        }
        finally
        {
            foreach (nint pointer in pointers.Span)
            {
                Marshal.FreeCoTaskMem(pointer);
            }
        }
    }

    private static void Write(Hdf5File file, string name, long type, void* values, int count, bool isList)
    {
        Hdf5Library.Enter();
        ulong size = (ulong)count;
        using Hdf5Handle space = Hdf5Handle.TakeWritten(
            isList ? Hdf5Native.H5Screate_simple(1, &size, null) : Hdf5Native.H5Screate(Hdf5Native.SpaceScalar), file.Path, name);
        fixed (byte* text = Hdf5Handle.Text(name))
        {
            // SAFETY: as many values of the type as the space has; texts are zero-terminated.
            using Hdf5Handle attribute = Hdf5Handle.TakeWritten(
                Hdf5Native.H5Acreate2(file.Id, text, type, space.Id, Hdf5Native.Default, Hdf5Native.Default), file.Path, name);
            if (Hdf5Native.H5Awrite(attribute.Id, type, values) < 0)
            {
                Hdf5Errors.ThrowWrite(file.Path, name);
            }
        }
    }
}
