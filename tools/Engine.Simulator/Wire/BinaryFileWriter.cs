using System.Buffers.Binary;

namespace Engine.Simulator.Wire;

/// <summary>NASDAQ's BinaryFILE: a big-endian u16 length before every message and nothing else.</summary>
public sealed class BinaryFileWriter : IMessageSink
{
    private readonly Stream _stream;
    private readonly byte[] _record = new byte[sizeof(ushort) + ItchWriter.LongestMessage];

    /// <param name="stream">Where the bytes go; flushed at the end and left open.</param>
    public BinaryFileWriter(Stream stream) => _stream = stream;

    /// <inheritdoc/>
    public void Message(long timeNanos, ReadOnlySpan<byte> message)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_record, (ushort)message.Length);
        message.CopyTo(_record.AsSpan(sizeof(ushort)));
        _stream.Write(_record.AsSpan(0, sizeof(ushort) + message.Length));
    }

    /// <inheritdoc/>
    public void Finish(long timeNanos) => _stream.Flush();
}
