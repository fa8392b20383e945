using Presence.Actors;
using Presence.Core.Errors;
using Presence.Core.Limits;
using Presence.Host.Identity;

namespace Presence.Host.Edge;

/// <summary>Counts the sockets and streams that are refused, and logs why, in few lines: a missing origin, or a wrong secret, is everybody's first mistake, and the client can't read the answer.</summary>
internal sealed partial class RefusedHandshakes(
    RequestDelegate next,
    OriginPolicy origins,
    NodeCounters counters,
    TimeProvider time,
    ILogger<RefusedHandshakes> log
)
{
    /// <summary>Lines of each cause at once, and from then on a minute.</summary>
    private static readonly Rate Lines = new(5, 5, TimeSpan.FromMinutes(1));

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Allowance> _lines = new(StringComparer.Ordinal);
    private readonly long _start = time.GetTimestamp();

    public async Task InvokeAsync(HttpContext http)
    {
        if (!SocketRequests.TakesTicket(http.Request))
        {
            await next(http);
            return;
        }

        try
        {
            await next(http);
        }
        finally
        {
            if (http.Features.Get<Refusal>() is { } refusal)
            {
                Note(http, refusal);
            }
        }
    }

    private void Note(HttpContext http, Refusal refusal)
    {
        var cause = refusal.Code == ErrorCodes.Forbidden && origins.Refuse(http.Request) is not null ? "origin" : refusal.Code;
        counters.AddRefused(cause);
        if (MayLog(cause))
        {
            LogRefused(cause, http.Connection.RemoteIpAddress?.ToString() ?? "-", OriginOf(http.Request), refusal.Message);
        }
    }

    /// <summary>Codes are a fixed list, and so this never grows.</summary>
    private bool MayLog(string cause)
    {
        lock (_gate)
        {
            var allowance = _lines.GetValueOrDefault(cause);
            var may = allowance.Take(Lines, time.GetElapsedTime(_start).Ticks) is null;
            _lines[cause] = allowance;
            return may;
        }
    }

    /// <summary>What a client says of itself: shown as far as it can be an origin.</summary>
    private static string OriginOf(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0 ? "none"
            : origin == "null" || Origin.TryParse(origin, out _) ? origin
            : "(none that can be read)";
    }

    [LoggerMessage(
        EventId = 1,
        Level = LogLevel.Information,
        Message = "A handshake was refused: {Cause}, from {Address}, origin {Origin}: {Why}"
    )]
    private partial void LogRefused(string cause, string address, string origin, string why);
}
