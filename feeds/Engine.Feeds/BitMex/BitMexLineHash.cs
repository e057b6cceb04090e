using System.Runtime.InteropServices;
using Engine.Feeds.Network;

namespace Engine.Feeds.BitMex;

/// <summary>A rolling hash over the lines of a session, the same live and from the recording: kind, time and text of each, in order.</summary>
internal static unsafe class BitMexLineHash
{
    /// <summary>The hash with one more line in it.</summary>
    public static ulong Chain(ulong hash, BitMexLines line)
    {
        Head head = new() { Time = line.Time, Kind = (long)line.Kind };

        // SAFETY: the head is a local without padding; the line's text holds Length bytes until the next step.
        hash = Line.Chain(hash, (byte*)&head, sizeof(Head));
        return Line.Chain(hash, line.Data, line.Length);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Head
    {
        public long Time;
        public long Kind;
    }
}
