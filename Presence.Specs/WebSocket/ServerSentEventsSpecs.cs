using System.Text;
using Presence.Adapters.WebSocket.Frames;
using Presence.Core.Events;
using Presence.Core.Sessions;

namespace Presence.Specs.WebSocket;

/// <summary>Frames as the lines of a stream of server-sent events.</summary>
public sealed class ServerSentEventsSpecs
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly ServerSentEvents _events = new(EventsHad.None, keep: 3);

    [Fact]
    public void A_frame_is_its_type_and_its_payload()
    {
        var posted = new PostedEvent(
            new("e1"),
            "note.new",
            new("""{"type":"x","payload":{"cursor":"no"}}"""),
            new("bob"),
            At,
            At,
            Durable: false
        );

        Of(ServerFrames.Event(posted))
            .ShouldBe(
                "event: event\ndata: "
                    + """{"id":"e1","event_type":"note.new","payload":{"type":"x","payload":{"cursor":"no"}},"sender":"bob","sent_at":"2026-01-02T03:04:05Z"}"""
                    + "\n\n"
            );
    }

    [Fact]
    public void The_cursor_of_the_last_snapshot_is_the_id_of_all_that_follows()
    {
        Of("""{"type":"connection_ack","payload":{"status":"connected"}}""")
            .ShouldBe("event: connection_ack\ndata: {\"status\":\"connected\"}\n\n");
        var snapshot = Encoding.UTF8.GetString(JoinedFrames.Snapshot([], new(0x123, 0, 0, [])).Single());
        Of(snapshot)
            .ShouldBe("event: presence_snapshot\ndata: {\"presences\":[],\"complete\":true,\"cursor\":\"123.0.0\"}\nid: 123.0.0\n\n");

        Of("""{"type":"presence_update","payload":{"custom_status":",\"cursor\":\"9\""}}""").ShouldEndWith("\nid: 123.0.0\n\n");
        Of(Encoding.UTF8.GetString(JoinedFrames.Snapshot([], new(0x456, 0, 0, [])).Single())).ShouldEndWith("\nid: 456.0.0\n\n");
    }

    [Fact]
    public void The_cursor_names_the_events_that_were_given()
    {
        Of(Encoding.UTF8.GetString(JoinedFrames.Snapshot([], new(0x123, 0, 0, [])).Single()));

        var had = EventsHad.None;
        foreach (var id in new[] { "e1", "e2", "e3", "e4" })
        {
            had = had.With(new(id), 3);
            Of(ServerFrames.Event(new(new(id), "note", new("{}"), null, At, At, Durable: true)))
                .ShouldEndWith($"\nid: 123.0.0~{had}\n\n", customMessage: "the last three");
        }

        Of("""{"type":"presence_update","payload":{}}""").ShouldEndWith("{}\n\n", customMessage: "the id is long, and did not change");
        Of(Encoding.UTF8.GetString(JoinedFrames.Snapshot([], new(0x456, 0, 0, [])).Single())).ShouldEndWith($"\nid: 456.0.0~{had}\n\n");
    }

    [Fact]
    public void The_end_says_why() =>
        Encoding
            .UTF8.GetString(ServerSentEvents.Close(4409, "replaced"))
            .ShouldBe("event: close\ndata: {\"code\":4409,\"reason\":\"replaced\"}\n\n");

    [Theory]
    [InlineData("""{"type":"pong","id":"1","payload":{}}""")]
    [InlineData("""{"kind":"pong","payload":{}}""")]
    public void A_frame_that_is_not_a_push_is_a_fault(string frame) => Should.Throw<InvalidOperationException>(() => Of(frame));

    private string Of(string frame) => Of(Encoding.UTF8.GetBytes(frame));

    private string Of(byte[] frame) => Encoding.UTF8.GetString(_events.Of(frame));
}
