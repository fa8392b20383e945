using Presence.Adapters.Http.Wire;
using Presence.Core.Errors;
using Presence.Core.Identity;
using Presence.Core.Json;
using Presence.Core.Users;

namespace Presence.Host.Identity;

/// <summary>Makes out who calls by a ticket, on the routes of the socket and of server-sent events. It is used up by that, whatever comes of it.</summary>
/// <remarks>Sets the request's <see cref="Caller"/>; who brings no ticket is left to those after it.</remarks>
internal sealed class TicketMiddleware(RequestDelegate next, ITicketStore store, Revocations revocations, TimeProvider time)
{
    private static readonly Refusal NoGood = new(
        ErrorCodes.Unauthenticated,
        "the ticket is unknown, was used or has expired: get another from POST /tickets"
    );
    private static readonly Refusal OfAnother = new(
        ErrorCodes.Unauthenticated,
        "the ticket is another user's or another device's: get another from POST /tickets"
    );

    public async Task InvokeAsync(HttpContext http)
    {
        if (!SocketRequests.TakesTicket(http.Request) || !http.Request.Query.TryGetValue("ticket", out var tickets))
        {
            await next(http);
            return;
        }

        if (CallerFields.Device(http.Request, out var device, out var info) is { } unreadable)
        {
            await Problems.Write(http, unreadable);
            return;
        }

        var taken = tickets.Count == 1 && Tickets.HashOf(tickets[0]) is { } hash ? await Take(hash, http.RequestAborted) : NoGood;
        if (taken.Value is not { } ticket)
        {
            await SocketRequests.Refuse(http, next, taken.Refusal!);
            return;
        }

        if (Unusable(ticket, http.Request, device) is { } refusal)
        {
            await SocketRequests.Refuse(http, next, refusal);
            return;
        }

        http.Features.Set(new Caller(ticket.User, device ?? ticket.Device, info, IsService: false) { Grant = ticket.Grant });
        await next(http);
    }

    private async Task<Parsed<Ticket>> Take(string hash, CancellationToken aborted)
    {
        try
        {
            return await store.Take(hash, aborted) is { } ticket ? ticket : NoGood;
        }
        catch (StoreUnavailableException)
        {
            return Refusal.Unavailable;
        }
    }

    private Refusal? Unusable(Ticket ticket, HttpRequest request, DeviceId? device)
    {
        var now = time.GetUtcNow();
        if (ticket.ExpiresAt <= now || ticket.Grant?.ExpiresAt <= now)
        {
            return NoGood;
        }

        if ((ticket.Device is not null && device is not null && ticket.Device != device) || !IsFor(ticket.User, request))
        {
            return OfAnother;
        }

        var bringer = device ?? ticket.Device;
        var isRevoked = ticket.Grant is { } grant
            ? revocations.Cover(grant, ticket.User, bringer)
            : revocations.Cover(ticket.User, bringer, tokenId: null, ticket.MadeAt);
        return isRevoked ? NoGood : null;
    }

    /// <summary>Who names a user beside the ticket means that one.</summary>
    private static bool IsFor(UserId user, HttpRequest request) =>
        request.Headers["X-User-ID"].Concat(request.Query["user_id"]).All(named => named == user.Value);
}
