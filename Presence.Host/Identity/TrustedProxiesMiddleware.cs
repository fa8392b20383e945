using System.Net;
using Presence.Adapters.Http.Wire;
using Presence.Core.Errors;

namespace Presence.Host.Identity;

/// <summary>Refuses who is neither on this machine nor in a trusted network, before anything that it says is believed.</summary>
internal sealed class TrustedProxiesMiddleware(RequestDelegate next, AuthenticationOptions options)
{
    private readonly IPNetwork[] _trusted = [.. options.TrustedProxies.Select(IPNetwork.Parse)];

    public Task InvokeAsync(HttpContext http) =>
        IsTrusted(http.Connection.RemoteIpAddress)
            ? next(http)
            : Problems.Write(http, new Refusal(ErrorCodes.Forbidden, "the service takes requests from its gateways alone"));

    private bool IsTrusted(IPAddress? address)
    {
        // In process there is no address.
        if (address is null)
        {
            return true;
        }

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return IPAddress.IsLoopback(plain) || _trusted.Any(network => network.Contains(plain));
    }
}
