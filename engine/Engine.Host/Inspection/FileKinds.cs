using Engine.Core.Hdf5;
using Engine.Recording;

namespace Engine.Host.Inspection;

/// <summary>Tells logs, models and HDF5 files from captures, by content and ending.</summary>
internal static class FileKinds
{
    /// <summary>What a file seems to be.</summary>
    internal enum Kind
    {
        /// <summary>A prediction log.</summary>
        Log,

        /// <summary>A model.</summary>
        Model,

        /// <summary>An HDF5 file: feature rows, or anybody's.</summary>
        Hdf5,

        /// <summary>Anything else: the capture reader says what is wrong with it, if so.</summary>
        Capture,
    }

    /// <summary>Looks at a file.</summary>
    public static Kind Of(string path)
    {
        if (path == "-")
        {
            return Kind.Capture;
        }

        Span<byte> start = stackalloc byte[8];
        using (FileStream file = File.OpenRead(path))
        {
            // What is read from a pipe is gone, and only captures are read from one.
            if (!file.CanSeek)
            {
                return Kind.Capture;
            }

            if (file.ReadAtLeast(start, 8, throwOnEndOfStream: false) == 8 && start.SequenceEqual(PredictionLogWriter.Magic))
            {
                return Kind.Log;
            }

            if (Hdf5File.IsOne(file))
            {
                return Kind.Hdf5;
            }
        }

        return Path.GetExtension(path) switch
        {
            ".onnx" => Kind.Model,
            ".engplog" => Kind.Log,
            _ => Kind.Capture,
        };
    }
}
