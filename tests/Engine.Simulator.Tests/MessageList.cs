using Engine.Simulator.Wire;

namespace Engine.Simulator.Tests;

/// <summary>Keeps every message or packet that it is given.</summary>
internal sealed class MessageList : IMessageSink, IPacketSink
{
    public List<(long TimeNanos, byte[] Body)> Messages { get; } = [];

    public bool IsFinished { get; private set; }

    public void Message(long timeNanos, ReadOnlySpan<byte> message) => Messages.Add((timeNanos, message.ToArray()));

    public void Packet(long timeNanos, ReadOnlySpan<byte> payload) => Messages.Add((timeNanos, payload.ToArray()));

    public void Finish(long timeNanos) => IsFinished = true;

    public void Finish() => IsFinished = true;
}
