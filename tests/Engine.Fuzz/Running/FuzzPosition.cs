using System.IO.MemoryMappedFiles;
using System.Text;

namespace Engine.Fuzz.Running;

/// <summary>
/// Which case a worker is at, in a small mapped file: it outlives the worker, whatever ends it.
/// </summary>
/// <remarks>
/// <code>
/// 0        8        16       24                 64
/// +--------+--------+--------+------------------+
/// | case   | cases  | all    | target: length   |
/// | i64    | done   | done   | u8, letters      |
/// +--------+--------+--------+------------------+
/// </code>
/// </remarks>
internal sealed class FuzzPosition : IDisposable
{
    private const int Size = 64, TargetAt = 24;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    /// <param name="path">The file; made if it is not there.</param>
    public FuzzPosition(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, Size);
        _view = _file.CreateViewAccessor();
    }

    /// <summary>The case at hand.</summary>
    public long Case => _view.ReadInt64(0);

    /// <summary>Cases done.</summary>
    public long Done => _view.ReadInt64(8);

    /// <summary>Whether every case is done.</summary>
    public bool IsFinished => _view.ReadInt64(16) != 0;

    /// <summary>The target at hand.</summary>
    public string Target
    {
        get
        {
            byte[] name = new byte[_view.ReadByte(TargetAt)];
            _view.ReadArray(TargetAt + 1, name, 0, name.Length);
            return Encoding.ASCII.GetString(name);
        }
    }

    /// <summary>Notes the case at hand.</summary>
    public void Note(long number) => _view.Write(0, number);

    /// <summary>Notes the target at hand and how many cases are done.</summary>
    public void Note(string target, long done)
    {
        byte[] name = Encoding.ASCII.GetBytes(target);
        _view.Write(8, done);
        _view.Write(TargetAt, (byte)name.Length);
        _view.WriteArray(TargetAt + 1, name, 0, name.Length);
    }

    /// <summary>Notes that every case is done.</summary>
    public void Finish(long done)
    {
        _view.Write(8, done);
        _view.Write(16, 1L);
    }

    /// <summary>Unmaps it.</summary>
    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
