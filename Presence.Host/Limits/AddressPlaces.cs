using System.Net;
using System.Runtime.InteropServices;

namespace Presence.Host.Limits;

/// <summary>How many connections each address has.</summary>
/// <param name="limit">The most of one.</param>
/// <param name="uncounted">As in <see cref="AddressKeys"/>.</param>
internal sealed class AddressPlaces(int limit, IReadOnlyCollection<IPNetwork> uncounted)
{
    private readonly Lock _gate = new();
    private readonly AddressKeys _keys = new(uncounted);
    private readonly Dictionary<UInt128, int> _taken = [];

    /// <summary>Takes a place, to be given back with <see cref="Release"/>; false where there is none.</summary>
    public bool TryTake(IPAddress? address)
    {
        if (_keys.Of(address) is not { } key)
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
        if (_keys.Of(address) is not { } key)
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
}
