using Engine.Core.Events;
using Engine.Feeds.IexDeep;
using Engine.Feeds.Itch;
using Engine.Feeds.Network;
using Engine.Feeds.Xdp;

namespace Engine.Feeds.Captures;

/// <summary>Tells the venue of pcap captures from their first UDP payloads.</summary>
internal static unsafe class VenueProbe
{
    /// <summary>Most packets of a capture that are looked at.</summary>
    public const int MaxPackets = 4_096;

    /// <summary>Payloads of a venue after which a capture is taken to be all of it.</summary>
    public const int Enough = 256;

    /// <summary>The one venue of the captures; ITCH 5.0 where nothing in them is known.</summary>
    /// <exception cref="CaptureException">Two venues, or an IEX feed that is not read; exit code 2.</exception>
    public static Venue Find(IReadOnlyList<CaptureFile> files)
    {
        Venue found = Venue.None;
        string path = "";
        foreach (CaptureFile file in files)
        {
            Venue venue = Find(file);
            if (venue != Venue.None && found != Venue.None && venue != found)
            {
                throw new CaptureException(
                    $"{file.Path}: carries {EventNames.Of(venue)} and {path} {EventNames.Of(found)}; read them in separate runs", 2);
            }

            if (venue != Venue.None)
            {
                (found, path) = (venue, file.Path);
            }
        }

        return found == Venue.None ? Venue.Itch50 : found;
    }

    private static Venue Find(CaptureFile file)
    {
        // The reader is not disposed: the file belongs to those that read it in earnest.
        PacketReader reader = PacketReader.Open(file);
        Venue found = Venue.None;
        string? unread = null;
        int agreeing = 0;
        for (int i = 0; i < MaxPackets && reader.HasRecord && agreeing < Enough; i++, reader.Advance())
        {
            if (FrameReader.Read(reader.Data, reader.Length, reader.LinkType, out UdpPayload payload) != FrameContent.Udp)
            {
                continue;
            }

            Venue venue = Of(payload, reader.IsTruncated, ref unread);
            if (venue != Venue.None && found != Venue.None && venue != found)
            {
                throw new CaptureException(
                    $"{file.Path}: carries both {EventNames.Of(found)} and {EventNames.Of(venue)}; name the one to read as the venue", 2);
            }

            found = venue == Venue.None ? found : venue;
            agreeing += venue == Venue.None ? 0 : 1;
        }

        if (found == Venue.None && unread is not null)
        {
            throw new CaptureException($"{file.Path}: carries IEX {unread}, which is not read; DEEP 1.0 is", 2);
        }

        return found;
    }

    private static Venue Of(in UdpPayload payload, bool truncated, ref string? unread)
    {
        // SAFETY: each check looks only into the Length bytes that the payload holds.
        if (IexHeader.IsPlausible(payload.Data, payload.Length, truncated))
        {
            int protocol = IexHeader.Protocol(payload.Data);
            unread = protocol == IexHeader.Deep ? unread : unread ?? $"{IexHeader.NameOf(protocol)} (protocol 0x{protocol:x4})";
            return protocol == IexHeader.Deep ? Venue.IexDeep : Venue.None;
        }

        return XdpHeader.IsPlausible(payload.Data, payload.Length, truncated) ? Venue.Xdp
            : MoldHeader.IsPlausible(payload.Data, payload.Length, truncated) ? Venue.Itch50
            : Venue.None;
    }
}
