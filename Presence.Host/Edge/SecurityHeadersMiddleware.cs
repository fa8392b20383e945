namespace Presence.Host.Edge;

/// <summary>Tells browsers what may be done with an answer: nothing but what it is for. What a page says of itself stays.</summary>
internal sealed class SecurityHeadersMiddleware(RequestDelegate next)
{
    private const string OfData = "default-src 'none'; frame-ancestors 'none'";
    private const string OfPages = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext http)
    {
        http.Response.OnStarting(Add, http.Response);
        return next(http);
    }

    private static Task Add(object state)
    {
        var response = (HttpResponse)state;
        // An upgrade is no document.
        if (response.StatusCode == StatusCodes.Status101SwitchingProtocols)
        {
            return Task.CompletedTask;
        }

        var headers = response.Headers;
        var isPage = response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) == true;
        headers.TryAdd("X-Content-Type-Options", "nosniff");
        headers.TryAdd("Referrer-Policy", "no-referrer");
        headers.TryAdd("X-Frame-Options", "DENY");
        headers.TryAdd("Cross-Origin-Resource-Policy", "same-origin");
        headers.TryAdd("Content-Security-Policy", isPage ? OfPages : OfData);
        // Who may see what differs from caller to caller, who is named by a header: no cache may keep it.
        headers.TryAdd("Cache-Control", "no-store");
        return Task.CompletedTask;
    }
}
