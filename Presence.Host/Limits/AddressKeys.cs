using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Presence.Host.Limits;

/// <summary>By what those are counted whose address alone is known. With IPv6 by its /64, which is what one customer gets, and often more.</summary>
/// <param name="uncounted">Networks that stand for many: gateways. This machine is not counted either.</param>
internal sealed class AddressKeys(IReadOnlyCollection<IPNetwork> uncounted)
{
    /// <summary>What an address counts as; null: it is not counted.</summary>
    public UInt128? Of(IPAddress? address)
    {
        var plain = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        if (plain is null || IPAddress.IsLoopback(plain) || uncounted.Any(network => network.Contains(plain)))
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[16];
        plain.TryWriteBytes(bytes, out _);
        // The upper half tells the two kinds apart.
        return plain.AddressFamily == AddressFamily.InterNetworkV6
            ? new UInt128(6, MemoryMarshal.Read<ulong>(bytes))
            : new UInt128(4, MemoryMarshal.Read<uint>(bytes));
    }
}
