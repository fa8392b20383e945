using System.Net;
using Presence.Core.Errors;

namespace Presence.Host.Identity;

/// <summary>Which pages of browsers may use the service: its own, and those of the origins listed.</summary>
/// <param name="options">The origins, and the gateways' secret.</param>
/// <param name="onLoopback">Whether only this machine can connect. Its pages are then those of its loopback names: a page whose name was bent to 127.0.0.1 (DNS rebinding) would else count as the service's own.</param>
/// <param name="allowedHosts">ASP.NET Core's <c>AllowedHosts</c>: where it names hosts, no others come as far as here.</param>
internal sealed class OriginPolicy(AuthenticationOptions options, bool onLoopback, string? allowedHosts)
{
    private static readonly Refusal OtherPage = new(ErrorCodes.Forbidden, "pages of this origin may not use the service");
    private static readonly Refusal OtherHost = new(
        ErrorCodes.Forbidden,
        "the service is not to be reached by this name from a browser: list it in AllowedHosts"
    );

    private readonly HashSet<Origin> _listed = [.. Listed(options)];
    private readonly HashSet<string> _hosts = new(Listed(options).Select(origin => origin.Host), StringComparer.OrdinalIgnoreCase);
    private readonly bool _anyHost = !onLoopback || NamesHosts(allowedHosts);
    private readonly SharedSecret? _gateway = SharedSecret.Of(options.ProxySecret);

    /// <summary>Whether pages of that origin may call, wherever they call: what CORS asks.</summary>
    public bool IsListed(string origin) => Origin.TryParse(origin, out var parsed) && _listed.Contains(parsed);

    /// <summary>Why the request may not be served; null where it may. One that comes from no browser always may.</summary>
    public Refusal? Refuse(HttpRequest request)
    {
        var origins = request.Headers.Origin;
        if (origins.Count == 0)
        {
            return IsOfOtherPage(request) ? OtherPage
                : IsOfBrowser(request.Headers) && !IsOwnHost(request) ? OtherHost
                : null;
        }

        return origins.Count == 1 && Origin.TryParse(origins[0], out var origin) && (_listed.Contains(origin) || IsOwn(origin, request))
            ? null
            : OtherPage;
    }

    /// <summary>As the framework reads it, to which each of these stands for any host.</summary>
    private static bool NamesHosts(string? allowedHosts)
    {
        var hosts = allowedHosts?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        return hosts.Length > 0 && !hosts.Any(host => host is "*" or "[::]" or "0.0.0.0");
    }

    private bool IsOwn(Origin origin, HttpRequest request) =>
        Origin.TryParse($"{request.Scheme}://{request.Host.Value}", out var own) && own == origin && IsOwnHost(request);

    private bool IsOwnHost(HttpRequest request)
    {
        var host = request.Host.Host;
        return _anyHost
            || string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
            || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address))
            || _hosts.Contains(host)
            || _gateway?.IsIn(request.Headers[IdentityHeaders.ProxySecret]) == true;
    }

    /// <summary>An image, script, frame or form of another page, for which browsers send no Origin: it could not read the answer, but it could open a device's stream. That a person follows a link is none of it.</summary>
    private static bool IsOfOtherPage(HttpRequest request)
    {
        var headers = request.Headers;
        return headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site"
            && (
                headers["Sec-Fetch-Mode"] != "navigate" || headers["Sec-Fetch-Dest"] != "document" || IdentityHeaders.MayBeInQuery(request)
            );
    }

    /// <summary>Browsers send no Origin with what a page reads of its own origin. A page can't do without Accept-Language, whatever else it makes up.</summary>
    private static bool IsOfBrowser(IHeaderDictionary headers) =>
        headers.ContainsKey("Accept-Language")
        || headers.ContainsKey("Sec-Fetch-Site")
        || headers.UserAgent.ToString().StartsWith("Mozilla/", StringComparison.Ordinal);

    private static IEnumerable<Origin> Listed(AuthenticationOptions options)
    {
        foreach (var text in options.AllowedOrigins)
        {
            if (Origin.TryParse(text, out var origin))
            {
                yield return origin;
            }
        }
    }
}
