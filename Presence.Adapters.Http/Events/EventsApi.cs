using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Presence.Actors;
using Presence.Actors.Events;
using Presence.Actors.Nodes;
using Presence.Adapters.Http.Documents;
using Presence.Adapters.Http.Wire;
using Presence.Core.Errors;
using Presence.Core.Events;
using Presence.Core.Users;

namespace Presence.Adapters.Http.Events;

/// <summary>Messages from backends to users.</summary>
internal static class EventsApi
{
    /// <summary>How long the store may take: under the 2 s within which a client is told that it is out of reach.</summary>
    private static readonly TimeSpan StoreLimit = TimeSpan.FromSeconds(1.5);

    public static void MapEvents(this IEndpointRouteBuilder routes)
    {
        routes
            .MapPost("/events", Post)
            .For(Access.Service)
            .Does(
                "Sends a message to every device of each recipient; answers when it is stored. With a `ttl` it waits for who is not connected."
            )
            .Takes<EventSchema>(Examples.Event)
            .Gives<EventTakenSchema>(Examples.EventTaken, StatusCodes.Status202Accepted);
        routes
            .MapDelete("/events/{event_id}", Acknowledge)
            .For(Access.User)
            // As on a socket: a client that may only read would else be given it again for days.
            .ReadsOnly()
            .Does("Acknowledges an event, as `event_ack` on a socket does: no device that connects later gets it.")
            .GivesNothing();
    }

    /// <summary>What is not there any more, or never was for this user, is as good as acknowledged.</summary>
    private static async Task<IResult> Acknowledge(HttpContext http, [FromRoute(Name = "event_id")] string eventId, IEventStore store)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        limit.CancelAfter(StoreLimit);
        try
        {
            await store.Acknowledge([new(http.CallingUser(), new EventId(eventId))], limit.Token).WaitAsync(limit.Token);
            return Results.NoContent();
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            return new ProblemAnswer(Refusal.Unavailable);
        }
    }

    private static async Task<IResult> Post(
        HttpContext http,
        PresenceOptions options,
        IEventStore store,
        NodeCounters counters,
        NodeClock clock,
        Entities entities
    )
    {
        var read = await http.Read(body => EventBody.Read(body, options.Limits.EventBytes));
        if (read.Value is not { } body)
        {
            return new ProblemAnswer(read.Refusal!);
        }

        var blocks = await entities.BlockedBy(body.Sender, http.RequestAborted);
        if (blocks.Value is not { } blocked)
        {
            return new ProblemAnswer(blocks.Refusal!);
        }

        // Whom the sender blocks hears nothing of it; those who block the sender are asked when it is given to them.
        List<UserId> recipients = [.. body.Recipients.Where(user => !blocked.Contains(user))];
        var posted = EventOf(body, clock, options.ResumeWindow);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        limit.CancelAfter(StoreLimit);
        try
        {
            var append = store.Append(posted, recipients, options.Limits.Events, limit.Token);
            counters.EventsDropped.Add(await append.WaitAsync(limit.Token));
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            return new ProblemAnswer(Refusal.Unavailable);
        }

        foreach (var recipient in recipients)
        {
            entities.Announce(new EventPosted(recipient));
        }

        return new JsonAnswer(writer => Write(writer, posted.Id, body.Recipients.Count), StatusCodes.Status202Accepted);
    }

    /// <summary>One without a ttl is kept for those who come back with a resume, and for nobody else.</summary>
    private static PostedEvent EventOf(EventBody body, NodeClock clock, TimeSpan resumeWindow)
    {
        var now = clock.Now;
        var durable = body.Ttl > TimeSpan.Zero;
        return new(
            new EventId(Guid.NewGuid().ToString()),
            body.EventType,
            body.Payload,
            body.Sender,
            now.Wall,
            Versions.TimeOf(now.Shared) + (durable ? body.Ttl : resumeWindow),
            durable
        );
    }

    private static void Write(Utf8JsonWriter writer, EventId id, int recipients)
    {
        writer.WriteStartObject();
        writer.WriteString("event_id"u8, id.Value);
        writer.WriteNumber("recipients"u8, recipients);
        writer.WriteEndObject();
    }
}
