namespace Engine.Core.Hdf5;

/// <content>Groups, and adding to a file that is there.</content>
public sealed unsafe partial class Hdf5File
{
    /// <summary>Opens a file to add to it. Whoever is stopped meanwhile leaves a file that cannot be trusted: work on a copy, and give it
    /// the file's name when it is closed.</summary>
    /// <exception cref="Hdf5UnavailableException">The library cannot be had.</exception>
    /// <exception cref="Hdf5Exception">It is no HDF5 file, one that is damaged, or one that its writer did not close.</exception>
    /// <exception cref="IOException">The operating system does not let it be read.</exception>
    public static Hdf5File OpenWrite(string path)
    {
        Hdf5Library.Enter();
        if (SaysThatItIsWritten(path))
        {
            throw new Hdf5Exception($"{path}: its writer was stopped, or still writes: nothing can be added to it");
        }

        using Hdf5Handle access = Access(path);
        fixed (byte* name = Hdf5Handle.Text(path))
        {
            // SAFETY: the name is zero-terminated and copied.
            return new Hdf5File(path, Hdf5Errors.Check(Hdf5Native.H5Fopen(name, Hdf5Native.ReadWrite, access.Id), path, "the file"));
        }
    }

    /// <summary>Creates a group.</summary>
    /// <param name="name">Its path, whose parents are there.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void CreateGroup(string name)
    {
        Hdf5Library.Enter();
        using Hdf5Handle creation = Hdf5Handle.Properties("H5P_CLS_GROUP_CREATE_ID_g", Path);
        _ = Hdf5Native.H5Pset_obj_track_times(creation.Id, 0);
        _ = Hdf5Native.H5Pset_link_phase_change(creation.Id, MostCompact, 0);
        fixed (byte* text = Hdf5Handle.Text(name))
        {
            // SAFETY: the name is zero-terminated and copied.
            using Hdf5Handle group = Hdf5Handle.TakeWritten(
                Hdf5Native.H5Gcreate2(_id, text, Hdf5Native.Default, creation.Id, Hdf5Native.Default), this, name);
        }
    }

    /// <summary>Takes a dataset or a group out of the file; its room is not given back.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Remove(string name)
    {
        Hdf5Library.Enter();
        fixed (byte* text = Hdf5Handle.Text(name))
        {
            // SAFETY: the name is zero-terminated.
            if (Hdf5Native.H5Ldelete(_id, text, Hdf5Native.Default) < 0)
            {
                Fail(name);
            }
        }
    }
}
