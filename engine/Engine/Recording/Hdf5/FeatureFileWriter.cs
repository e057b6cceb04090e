using System.Runtime.InteropServices;
using System.Text;
using Engine.Core.Events;
using Engine.Core.Hdf5;
using Engine.Signals;

namespace Engine.Recording.Hdf5;

/// <summary>
/// Writes feature rows to HDF5. Rows are gathered in a block of one chunk and written when it is full; others may read the file
/// meanwhile, and a killed writer leaves every chunk that it wrote. One thread; after construction a row puts nothing on the
/// collected heap.
/// </summary>
/// <remarks>
/// A chunk is written in this order: (1) the symbols that its rows name, (2) every column but the times, (3) a flush, (4) the
/// times, (5) a flush. So a row whose time can be read has all its parts, wherever the writer was stopped.
/// </remarks>
public sealed class FeatureFileWriter : IDisposable
{
    private readonly Hdf5File _file;
    private readonly FeatureRowBlock _block;
    private readonly SymbolColumns _symbols;
    private readonly Hdf5Column _features;
    private readonly Hdf5Column _times;
    private readonly Hdf5Column _receiveTimes;
    private readonly Hdf5Column _instruments;
    private readonly Hdf5Column _events;
    private readonly Hdf5Column _sequences;
    private readonly Hdf5Column _trusts;
    private readonly Hdf5Column _flags;
    private readonly Hdf5Column _end;
    private bool _closed;

    /// <summary>Creates the file with everything but its rows.</summary>
    /// <param name="path">Where.</param>
    /// <param name="overwrite">Replace a file that is there.</param>
    /// <param name="head">What the rows are made from.</param>
    /// <param name="instruments">Where symbols come from.</param>
    /// <param name="deflate">Level of compression, 0 to 9.</param>
    /// <param name="beside">Creates what else the file holds, which can be done only now; null for nothing. The columns it makes are
    /// the caller's, who appends to them before <see cref="Close"/>.</param>
    /// <exception cref="Hdf5UnavailableException">The library cannot be had.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public FeatureFileWriter(
        string path, bool overwrite, FeatureFileHead head, InstrumentTable instruments, int deflate, Action<Hdf5File>? beside = null)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)deflate, 9u, nameof(deflate));
        _file = Hdf5File.Create(path, overwrite);
        try
        {
            head.Write(_file);
            WriteNames(head);
            int features = head.Contract.Count;
            _block = new FeatureRowBlock(features);
            var chunking = new Hdf5Chunking(_block.Capacity, deflate);
            _features = Hdf5Column.Create<float>(_file, FeatureFileFormat.Features, chunking, features);
            _times = Hdf5Column.Create(_file, FeatureFileFormat.Time, chunking, fill: FeatureFileFormat.Unwritten);
            _receiveTimes = Hdf5Column.Create<long>(_file, FeatureFileFormat.ReceiveTime, chunking);
            _instruments = Hdf5Column.Create<int>(_file, FeatureFileFormat.Instrument, chunking);
            _events = Hdf5Column.Create<long>(_file, FeatureFileFormat.Event, chunking);
            _sequences = Hdf5Column.Create<ulong>(_file, FeatureFileFormat.Sequence, chunking);
            _trusts = Hdf5Column.Create<byte>(_file, FeatureFileFormat.Trust, chunking);
            _flags = Hdf5Column.Create<byte>(_file, FeatureFileFormat.Flags, chunking);
            _end = Hdf5Column.Create<long>(_file, FeatureFileFormat.End, new Hdf5Chunking(FeatureFileFormat.EndEntries, 0));
            _symbols = new SymbolColumns(_file, instruments);
            beside?.Invoke(_file);
            _file.StartSwmr();
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>Rows taken.</summary>
    public long Rows { get; private set; }

    /// <summary>Symbols that were too long for the file and are cut in it.</summary>
    public long CutSymbols => _symbols.Cut;

    /// <summary>Takes one row.</summary>
    /// <param name="stamp">When and why it was made.</param>
    /// <param name="e">The event that made it due.</param>
    /// <param name="row">The features.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Append(in RowStamp stamp, in MarketEvent e, ReadOnlySpan<float> row)
    {
        int i = _block.Count++;
        row.CopyTo(_block.Row(i));
        _block.Times[i] = stamp.Time;
        _block.ReceiveTimes[i] = e.ReceiveTime;
        _block.Instruments[i] = _symbols.PlaceOf(stamp.Instrument);
        _block.Events[i] = stamp.Event;
        _block.Sequences[i] = e.Sequence;
        _block.Trusts[i] = (byte)stamp.Trust;
        _block.Flags[i] = (byte)e.Flags;
        Rows++;
        if (_block.Count == _block.Capacity)
        {
            WriteBlock();
        }
    }

    /// <summary>Writes what is left, says that this is all, and closes the file.</summary>
    /// <param name="events">Events that the run saw.</param>
    /// <param name="interrupted">The run was ended before its captures were.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Close(long events, bool interrupted)
    {
        if (_closed)
        {
            return;
        }

        WriteBlock();
        _end.Append(MemoryMarshal.AsBytes((ReadOnlySpan<long>)[Rows, events, interrupted ? 1 : 0]), FeatureFileFormat.EndEntries);
        _closed = true;
        _file.Close();
    }

    /// <summary>Closes the file; without <see cref="Close"/> before it, it says that its writer was stopped.</summary>
    public void Dispose()
    {
        _closed = true;
        _file.Dispose();
        _block.Dispose();
        _symbols.Dispose();
        foreach (Hdf5Column column in (ReadOnlySpan<Hdf5Column>)[_features, _times, _receiveTimes, _instruments, _events, _sequences, _trusts, _flags, _end])
        {
            column.Dispose();
        }
    }

    private void WriteBlock()
    {
        int count = _block.Count;
        if (count == 0)
        {
            return;
        }

        _symbols.Write();
        _features.Append(MemoryMarshal.AsBytes(_block.Features), count);
        _receiveTimes.Append(MemoryMarshal.AsBytes(_block.ReceiveTimes), count);
        _instruments.Append(MemoryMarshal.AsBytes(_block.Instruments), count);
        _events.Append(MemoryMarshal.AsBytes(_block.Events), count);
        _sequences.Append(MemoryMarshal.AsBytes(_block.Sequences), count);
        _trusts.Append(_block.Trusts, count);
        _flags.Append(_block.Flags, count);
        _file.Flush();
        _times.Append(MemoryMarshal.AsBytes(_block.Times), count);
        _file.Flush();
        _block.Count = 0;
    }

    private void WriteNames(FeatureFileHead head)
    {
        byte[][] names = [.. head.Contract.Features.ToArray().Select(f => Encoding.UTF8.GetBytes(f.Name))];
        int longest = names.Max(n => n.Length);
        byte[] padded = new byte[names.Length * longest];
        for (int i = 0; i < names.Length; i++)
        {
            names[i].CopyTo(padded, i * longest);
        }

        using Hdf5Column column = Hdf5Column.CreateTexts(_file, FeatureFileFormat.FeatureNames, new Hdf5Chunking(names.Length, 0), longest);
        column.Append(padded, names.Length);
    }
}
