using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Presence.Host.Limits;

/// <summary>How many connections each address has. With IPv6 its /64, which is what one customer gets, and often more.</summary>
/// <param name="limit">The most of one.</param>
/// <param name="uncounted">Networks that stand for many: gateways. This machine is not counted either.</param>
internal sealed class AddressPlaces(int limit, IReadOnlyCollection<IPNetwork> uncounted)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, int> _taken = [];

    /// <summary>Takes a place, to be given back with <see cref="Release"/>; false where there is none.</summary>
    public bool TryTake(IPAddress? address)
    {
        if (KeyOf(address) is not { } key)
        {
            return true;
        }

        lock (_gate)
        {
            ref var taken = ref CollectionsMarshal.GetValueRefOrAddDefault(_taken, key, out _);
            if (taken >= limit)
            {
                return false;
            }

            taken++;
            return true;
        }
    }

    /// <summary>Gives the place back.</summary>
    public void Release(IPAddress? address)
    {
        if (KeyOf(address) is not { } key)
        {
            return;
        }

        lock (_gate)
        {
            if (--CollectionsMarshal.GetValueRefOrNullRef(_taken, key) == 0)
            {
                _taken.Remove(key);
            }
        }
    }

    private UInt128? KeyOf(IPAddress? address)
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
