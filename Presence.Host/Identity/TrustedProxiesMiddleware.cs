using System.Collections.Frozen;
using System.Net;
using Presence.Adapters.Http;
using Presence.Adapters.Http.Wire;
using Presence.Core.Errors;

namespace Presence.Host.Identity;

/// <summary>Refuses who is neither on this machine nor in a trusted network, before anything that it says is believed. Health and metrics, where nothing is believed, are anybody's: those who ask are no gateways, but the machine's own agent and what watches over all.</summary>
internal sealed class TrustedProxiesMiddleware(RequestDelegate next, AuthenticationOptions options)
{
    private static readonly FrozenSet<string> Anybodys = PresenceHttp
        .Prefixes.SelectMany(prefix => new[] { "/health", "/health/live", "/health/ready", "/metrics" }.Select(path => prefix + path))
        .ToFrozenSet(StringComparer.Ordinal);

    private readonly IPNetwork[] _trusted = [.. options.TrustedProxies.Select(IPNetwork.Parse)];

    public Task InvokeAsync(HttpContext http) =>
        IsTrusted(http.Connection.RemoteIpAddress)
        || (HttpMethods.IsGet(http.Request.Method) && Anybodys.Contains(http.Request.Path.Value ?? ""))
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
