using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Presence.Adapters.Http.Documents;
using Presence.Adapters.Http.Wire;
using Presence.Core.Errors;
using Presence.Core.Identity;
using Presence.Core.Json;

namespace Presence.Adapters.Http.Identity;

/// <summary>Tickets, by which a page opens a socket or a stream: it can set no headers there, and a token in an address would be logged on its way.</summary>
internal static class TicketsApi
{
    private static readonly Refusal TooMany = new(
        ErrorCodes.RateLimited,
        $"{Tickets.MostOfUser} tickets of this user wait to be used: use one, or wait until they have expired",
        Tickets.Life
    );

    public static void MapTickets(this IEndpointRouteBuilder routes) =>
        routes
            .MapPost("/tickets", Post)
            .For(Access.User)
            .ReadsOnly()
            .NamesDevice()
            .Does(
                "A ticket for `?ticket=` of `/ws` and `GET /events`: for one use, by this user, and by the device that the call names, if any. What is opened with it ends with the token of this call."
            )
            .Gives<TicketSchema>(Examples.Ticket, StatusCodes.Status201Created)
            .Refuses(StatusCodes.Status429TooManyRequests);

    private static async Task<IResult> Post(HttpContext http, ITicketStore store, TimeProvider time)
    {
        var caller = http.Caller()!;
        var text = Tickets.NewText();
        var now = time.GetUtcNow();
        var ticket = new Ticket(Tickets.HashOf(text)!, http.CallingUser(), caller.Device, caller.Grant, now, now + Tickets.Life);
        return await store.Save(ticket, http.RequestAborted)
            ? new JsonAnswer(
                writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteString("ticket"u8, text);
                    writer.WriteNumber("expires_in"u8, PresenceJson.WholeSeconds(Tickets.Life));
                    writer.WriteEndObject();
                },
                StatusCodes.Status201Created
            )
            : new ProblemAnswer(TooMany);
    }
}
