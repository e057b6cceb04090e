using System.Diagnostics.CodeAnalysis;

namespace Engine.Core.Hdf5;

/// <summary>
/// An HDF5 file, written by one process or read. Not thread-safe: one thread at a time, which may be another one later. Datasets
/// and columns belong to it and are closed with it at the latest.
/// </summary>
public sealed unsafe partial class Hdf5File : IDisposable
{
    private const int FlagsByte = 11;
    private const int VersionByte = 8;
    private const int FirstVersionWithFlags = 3;
    private const int WritingFlags = 0b101;

    /// <summary>The last place where the format lets a file begin behind a user's own bytes that is looked at here.</summary>
    private const long LastStart = 1 << 16;

    /// <summary>How often a part of a file that is being written is read until its checksum fits. The library waits twice as long
    /// each time, from 1 ns on, so that these take a quarter of a millisecond where the part is damaged for good; its own 100 would not end.</summary>
    private const uint ReadAttempts = 18;

    private const uint MostCompact = 64;

    private long _id;

    private Hdf5File(string path, long id)
    {
        Path = path;
        _id = id;
    }

    /// <summary>First eight bytes of the format.</summary>
    public static ReadOnlySpan<byte> Magic => [0x89, (byte)'H', (byte)'D', (byte)'F', 13, 10, 26, 10];

    /// <summary>The file as the user named it.</summary>
    public string Path { get; }

    /// <summary>The file says that a process writes it: one does, or was stopped before it closed the file.</summary>
    public bool IsLeftOpen { get; private init; }

    /// <summary>The open file.</summary>
    internal long Id => _id;

    /// <summary>A write failed. Closing anything of the file would have the library write again what it could not, which ends the
    /// process (seen with 1.10.8): the file and what belongs to it are left to the end of the process.</summary>
    internal bool IsBroken { get; private set; }

    /// <summary>Whether a file is HDF5, by its first bytes, or by those at 512, 1024, … where the format may begin too.</summary>
    public static bool IsOne(Stream file)
    {
        Span<byte> start = stackalloc byte[8];
        for (long at = 0; at <= LastStart; at = at == 0 ? 512 : at * 2)
        {
            file.Position = at;
            if (file.ReadAtLeast(start, 8, throwOnEndOfStream: false) < 8)
            {
                return false;
            }

            if (start.SequenceEqual(Magic))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Creates a file in the format that can be read while it is written.</summary>
    /// <param name="path">Where.</param>
    /// <param name="overwrite">Replace a file that is there.</param>
    /// <exception cref="Hdf5UnavailableException">The library cannot be had.</exception>
    /// <exception cref="IOException">It cannot be created.</exception>
    public static Hdf5File Create(string path, bool overwrite)
    {
        Hdf5Library.Enter();
        using Hdf5Handle access = Access(path);

        // Nothing keeps the time at which it was made: equal runs write equal files. What the root holds lies in its own header,
        // which has a checksum, and in no tables beside it.
        using Hdf5Handle creation = Hdf5Handle.Properties("H5P_CLS_FILE_CREATE_ID_g", path);
        _ = Hdf5Native.H5Pset_obj_track_times(creation.Id, 0);
        _ = Hdf5Native.H5Pset_attr_phase_change(creation.Id, MostCompact, 0);
        _ = Hdf5Native.H5Pset_link_phase_change(creation.Id, MostCompact, 0);
        fixed (byte* name = Hdf5Handle.Text(path))
        {
            // SAFETY: the name is zero-terminated and copied.
            long id = Hdf5Native.H5Fcreate(name, overwrite ? Hdf5Native.Truncate : Hdf5Native.Exclusive, creation.Id, access.Id);
            if (id < 0)
            {
                Hdf5Errors.ThrowWrite(path, "the file");
            }

            return new Hdf5File(path, id);
        }
    }

    /// <summary>Opens a file to read. One that was left open by its writer is read as far as it was written.</summary>
    /// <exception cref="Hdf5UnavailableException">The library cannot be had.</exception>
    /// <exception cref="Hdf5Exception">It is no HDF5 file, or one that is damaged.</exception>
    /// <exception cref="IOException">The operating system does not let it be read.</exception>
    public static Hdf5File OpenRead(string path)
    {
        Hdf5Library.Enter();
        bool leftOpen = SaysThatItIsWritten(path);
        using Hdf5Handle access = Access(path);
        fixed (byte* name = Hdf5Handle.Text(path))
        {
            if (leftOpen)
            {
                _ = Hdf5Native.H5Pset_metadata_read_attempts(access.Id, ReadAttempts);
            }

            // SAFETY: the name is zero-terminated and copied.
            long id = Hdf5Native.H5Fopen(name, leftOpen ? Hdf5Native.SwmrRead : Hdf5Native.ReadOnly, access.Id);
            return new Hdf5File(path, Hdf5Errors.Check(id, path, "the file")) { IsLeftOpen = leftOpen };
        }
    }

    /// <summary>From here on others may read while this process writes, and a killed writer leaves what it flushed. Nothing but rows
    /// can be added any more.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void StartSwmr()
    {
        if (Hdf5Native.H5Fstart_swmr_write(_id) < 0)
        {
            Fail("the file");
        }
    }

    /// <summary>Hands everything to the operating system, in an order that keeps the file whole.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Flush()
    {
        Hdf5Library.Enter();
        if (Hdf5Native.H5Fflush(_id, 0) < 0)
        {
            Fail("the file");
        }
    }

    /// <summary>Closes it, which may write.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Close()
    {
        long id = _id;
        _id = -1;
        Hdf5Library.Enter();
        if (id > 0 && Hdf5Native.H5Fclose(id) < 0)
        {
            Fail("the file");
        }
    }

    /// <summary>Whether there is something under a path whose parts are all links of this file.</summary>
    public bool Has(string path)
    {
        for (int end = path.IndexOf('/', 1); ; end = path.IndexOf('/', end + 1))
        {
            fixed (byte* name = Hdf5Handle.Text(end < 0 ? path : path[..end]))
            {
                // SAFETY: the name is zero-terminated.
                if (Hdf5Native.H5Lexists(_id, name, Hdf5Native.Default) <= 0)
                {
                    return false;
                }
            }

            if (end < 0)
            {
                return true;
            }
        }
    }

    /// <summary>Closes it; a failure is nobody's any more.</summary>
    public void Dispose()
    {
        if (_id > 0 && !IsBroken)
        {
            long id = _id;
            _id = -1;
            Hdf5Library.Enter();
            _ = Hdf5Native.H5Fclose(id);
        }
    }

    /// <summary>A call that writes failed.</summary>
    [DoesNotReturn]
    internal void Fail(string what)
    {
        IsBroken = true;
        Hdf5Errors.ThrowWrite(Path, what);
    }

    private static Hdf5Handle Access(string path)
    {
        Hdf5Handle access = Hdf5Handle.Properties("H5P_CLS_FILE_ACCESS_ID_g", path);
        _ = Hdf5Native.H5Pset_libver_bounds(access.Id, Hdf5Native.Format110, Hdf5Native.Format110);
        _ = Hdf5Native.H5Pset_fclose_degree(access.Id, Hdf5Native.CloseStrong);
        return access;
    }

    /// <summary>The consistency flags in the first block of a file of the format of 1.10.</summary>
    private static bool SaysThatItIsWritten(string path)
    {
        Span<byte> start = stackalloc byte[FlagsByte + 1];
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
        return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length
            && start[..8].SequenceEqual(Magic) && start[VersionByte] >= FirstVersionWithFlags && (start[FlagsByte] & WritingFlags) != 0;
    }
}
