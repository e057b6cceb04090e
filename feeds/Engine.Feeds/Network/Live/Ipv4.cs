using System.Buffers.Binary;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Engine.Feeds.Network.Live;

/// <summary>IPv4 addresses as numbers, 127.0.0.1 being 0x7F000001, and the interfaces of this host.</summary>
internal static class Ipv4
{
    /// <summary>An address as a number.</summary>
    /// <exception cref="LiveFeedException">Not an IPv4 address.</exception>
    public static uint ToNumber(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        return address.TryWriteBytes(bytes, out int length) && length == 4
            ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
            : throw new LiveFeedException($"{address} is not an IPv4 address: live lines are IPv4");
    }

    /// <summary>The index of an interface that a name or an IPv4 address names.</summary>
    /// <param name="who">The line, for the message.</param>
    /// <param name="given">Name or address; null gives 0, the choice of the routes.</param>
    /// <exception cref="LiveFeedException">No such interface; the message lists those that there are.</exception>
    public static int InterfaceIndex(string who, string? given)
    {
        if (given is null)
        {
            return 0;
        }

        List<string> there = [];
        foreach (NetworkInterface one in NetworkInterface.GetAllNetworkInterfaces())
        {
            string[] addresses = [.. one.GetIPProperties().UnicastAddresses
                .Where(a => a.Address.AddressFamily == AddressFamily.InterNetwork).Select(a => a.Address.ToString())];
            if (one.Name == given || addresses.Contains(given, StringComparer.Ordinal))
            {
                return one.GetIPProperties().GetIPv4Properties().Index;
            }

            if (addresses.Length > 0)
            {
                there.Add($"{one.Name} ({string.Join(", ", addresses)})");
            }
        }

        throw new LiveFeedException(
            $"{who}: this host has no interface {given}; it has {string.Join(", ", there)}: name one of them by name or address");
    }
}
