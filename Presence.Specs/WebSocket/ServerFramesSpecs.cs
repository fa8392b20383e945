using System.Text;
using System.Text.Json;
using Presence.Actors;
using Presence.Actors.Conversations;
using Presence.Actors.Hub;
using Presence.Actors.Users;
using Presence.Adapters.WebSocket.Frames;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Specs.WebSocket;

/// <summary>The frames of the server, to the byte: clients that exist read them.</summary>
public sealed class ServerFramesSpecs
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 22, 0, 0, 500, TimeSpan.Zero);

    private static readonly PresenceRecord Bea = new(new("bea"))
    {
        OnlineStatus = OnlineStatus.Busy,
        CustomStatus = "à la carte 🎉 <b>",
        Activity = "in_a_call",
        Platforms = PlatformStatuses.From([new("web", OnlineStatus.Online), new("mobile", OnlineStatus.Away)]),
        LastSeenAt = Now,
        UpdatedAt = Now,
        Version = 7,
    };

    private const string BeaJson =
        """{"user_id":"bea","online_status":"busy","custom_status":"à la carte \uD83C\uDF89 <b>","activity":"in_a_call","expires_at":null,"platforms":{"mobile":"away","web":"online"},"last_seen_at":"2026-11-22T22:00:00.5Z","updated_at":"2026-11-22T22:00:00.5Z","version":7,"certainty":"confirmed"}""";

    [Fact]
    public void A_connection_ack_tells_all_that_a_client_must_know()
    {
        var id = new ConnectionId(Guid.Parse("0123456789abcdef0123456789abcdef"));
        var options = new PresenceOptions { HeartbeatInterval = TimeSpan.FromSeconds(0.5), HeartbeatTimeout = TimeSpan.FromSeconds(2) };

        Text(ServerFrames.ConnectionAck(new(id, new("ana"), new("phone"), "secret", Resumed: false), options, Now))
            .ShouldBe(
                """{"type":"connection_ack","payload":{"status":"connected","client_id":"0123456789abcdef0123456789abcdef","user_id":"ana","device_id":"phone","timestamp":"2026-11-22T22:00:00.5Z","heartbeat_interval":0.5,"heartbeat_timeout":2,"resume_token":"secret","resumed":false,"limits":{"message_bytes":65536,"ids":1000,"subscriptions":10000,"watched_conversations":1000,"malformed_frames":10,"frames_per_second":50,"frames_burst":100,"frames_per_minute":1200,"changes_per_second":1,"changes_burst":20,"typing_per_second":5,"typing_burst":20,"open_questions":100,"targets_per_hour":10000}}}"""
            );
    }

    [Fact]
    public void Pushes_carry_the_presence_and_the_typing()
    {
        var encoder = new PushEncoder();

        Text(encoder.Record(Bea)).ShouldBe(BeaJson);
        Text(encoder.PresenceUpdate(Bea, Now))
            .ShouldBe($$$"""{"type":"presence_update","payload":{{{BeaJson[..^1]}}},"timestamp":"2026-11-22T22:00:00.5Z"}}""");
        Text(encoder.Typing(new("c1"), new("bea"), isTyping: true, TimeSpan.FromSeconds(9.1), Now))
            .ShouldBe(
                """{"type":"typing_indicator","payload":{"conversation_id":"c1","user_id":"bea","is_typing":true,"expires_in":10,"timestamp":"2026-11-22T22:00:00.5Z"}}"""
            );
        Text(encoder.Typing(new("c1"), new("bea"), isTyping: false, TimeSpan.FromSeconds(9.1), Now))
            .ShouldContain("\"is_typing\":false,\"expires_in\":0,");
    }

    public static TheoryData<string, string> Answers() =>
        new()
        {
            {
                nameof(RefusedAnswer),
                """{"type":"error","id":"q","payload":{"code":"rate_limited","message":"slower","retry_after":0.5}}"""
            },
            {
                nameof(PresenceUpdatedAnswer),
                $$$"""{"type":"presence_update_ack","id":"q","payload":{{{BeaJson[..^1]}}},"set_status":"busy","ends":{"online_status":null,"custom_status":null,"activity":null},"devices":0,"active_devices":0}}"""
            },
            { nameof(TypingAnswer), """{"type":"typing_ack","id":"q","payload":{"conversation_id":"c1"}}""" },
            { nameof(SubscribedAnswer), """{"type":"subscribe_ack","id":"q","payload":{"count":3}}""" },
            { nameof(UnsubscribedAnswer), """{"type":"unsubscribe_ack","id":"q","payload":{"count":3}}""" },
            { nameof(WatchedAnswer), """{"type":"watch_conversation_ack","id":"q","payload":{"conversation_id":"c1"}}""" },
            { nameof(UnwatchedAnswer), """{"type":"unwatch_conversation_ack","id":"q","payload":{"conversation_id":"c1"}}""" },
            { nameof(WatchEndedAnswer), """{"type":"watch_ended","payload":{"conversation_id":"c1","reason":"not_a_participant"}}""" },
            {
                nameof(PrivacyChangedAnswer),
                """{"type":"privacy_update","payload":{"online_status_visibility":"contacts","last_seen_visibility":"everyone","typing_indicators_enabled":true,"blocked":["bea"],"overrides":{}}}"""
            },
            { nameof(TokenExpiring), """{"type":"token_expiring","id":"q","payload":{"expires_in":59}}""" },
            {
                nameof(TypingSnapshotAnswer),
                """{"type":"typing_snapshot","id":"q","payload":{"conversation_id":"c1","typing_users":[{"user_id":"bea","expires_in":3}]}}"""
            },
        };

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_answer_carries_the_id_of_its_question(string answer, string frame) =>
        Text(ServerFrames.Answer("q", Example(answer))).ShouldBe(frame);

    [Fact]
    public void Every_answer_of_the_hub_has_its_frame()
    {
        var answers = typeof(IClientAnswer).Assembly.GetTypes().Where(type => type.IsClass && type.IsAssignableTo(typeof(IClientAnswer)));

        answers.Select(type => type.Name).ShouldBe(Answers().Select(row => (string)row[0]), ignoreOrder: true);
    }

    [Fact]
    public void An_answer_without_an_id_has_none_and_a_typing_without_one_no_answer()
    {
        Text(ServerFrames.Answer(null, new SubscribedAnswer(1))).ShouldBe("""{"type":"subscribe_ack","payload":{"count":1}}""");
        ServerFrames.Answer(null, new TypingAnswer(new("c1"))).ShouldBeNull();
        Text(ServerFrames.Error(null, new("unknown_type", "what?")))
            .ShouldBe("""{"type":"error","payload":{"code":"unknown_type","message":"what?"}}""");
    }

    private static readonly Core.Sessions.Cursor At = new(255, 2, 0, []);

    [Fact]
    public void Heartbeats_and_pings_are_answered_with_time_and_cursor()
    {
        Text(ServerFrames.HeartbeatAck("h\"1", Now, At))
            .ShouldBe("""{"type":"heartbeat_ack","id":"h\"1","payload":{"server_time":"2026-11-22T22:00:00.5Z","cursor":"ff.2.0"}}""");
        Text(ServerFrames.Pong(null, Now, At))
            .ShouldBe("""{"type":"pong","payload":{"timestamp":"2026-11-22T22:00:00.5Z","cursor":"ff.2.0"}}""");
    }

    [Fact]
    public void An_empty_snapshot_is_one_frame_and_complete() =>
        JoinedFrames
            .Snapshot([], At)
            .Select(frame => Text(frame))
            .ShouldBe(["""{"type":"presence_snapshot","payload":{"presences":[],"complete":true,"cursor":"ff.2.0"}}"""]);

    [Fact]
    public void The_owners_view_stands_in_the_first_frame_of_a_snapshot_alone()
    {
        var records = Enumerable
            .Range(0, 500)
            .Select(i => new ReadOnlyMemory<byte>(ServerFrames.Record(Bea with { Version = i })))
            .ToList();

        var payloads = JoinedFrames
            .Snapshot(records, At, ServerFrames.Record(Bea with { Owner = new(null) }))
            .Select(frame => JsonElement.Parse(frame).GetProperty("payload"))
            .ToList();

        payloads.Count.ShouldBeGreaterThan(2);
        payloads[0].GetProperty("self").GetProperty("user_id").GetString().ShouldBe(Bea.UserId.Value);
        payloads[0].GetProperty("presences").GetArrayLength().ShouldBeGreaterThan(10);
        payloads.Skip(1).Any(payload => payload.TryGetProperty("self", out _)).ShouldBeFalse();
        payloads.Sum(payload => payload.GetProperty("presences").GetArrayLength()).ShouldBe(500);
    }

    [Fact]
    public void A_large_snapshot_is_split_well_below_64_KiB_and_only_its_last_frame_is_complete()
    {
        var records = Enumerable.Range(0, 1000).Select(i => ServerFrames.Record(Bea with { Version = i })).ToList();

        var frames = JoinedFrames.Snapshot([.. records.Select(record => new ReadOnlyMemory<byte>(record))], At).ToList();

        frames.Count.ShouldBeGreaterThan(5);
        frames.ShouldAllBe(frame => frame.Length < 40 * 1024);
        var payloads = frames.Select(frame => JsonElement.Parse(frame).GetProperty("payload")).ToList();
        payloads
            .Select(payload => payload.GetProperty("complete").GetBoolean())
            .ShouldBe([.. Enumerable.Repeat(false, frames.Count - 1), true]);
        // Who has not the last of them has none that a resume could rest on.
        payloads
            .Select(payload => payload.GetProperty("cursor").GetString())
            .ShouldBe([.. Enumerable.Repeat("0.2.0", frames.Count - 1), "ff.2.0"]);
        payloads
            .SelectMany(payload => payload.GetProperty("presences").EnumerateArray())
            .Select(record => record.GetProperty("version").GetInt32())
            .ShouldBe(Enumerable.Range(0, 1000));
    }

    [Fact]
    public void A_batch_holds_frames_as_they_are() =>
        Text(JoinedFrames.Batch(["""{"type":"a"}"""u8.ToArray(), """{"type":"b"}"""u8.ToArray()]))
            .ShouldBe("""{"type":"batch","payload":{"events":[{"type":"a"},{"type":"b"}]}}""");

    private static IClientAnswer Example(string answer) =>
        answer switch
        {
            nameof(RefusedAnswer) => new RefusedAnswer(new(ErrorCodes.RateLimited, "slower", TimeSpan.FromSeconds(0.5))),
            nameof(PresenceUpdatedAnswer) => new PresenceUpdatedAnswer(Bea with { Owner = new(OnlineStatus.Busy) }),
            nameof(TypingAnswer) => new TypingAnswer(new("c1")),
            nameof(SubscribedAnswer) => new SubscribedAnswer(3),
            nameof(UnsubscribedAnswer) => new UnsubscribedAnswer(3),
            nameof(WatchedAnswer) => new WatchedAnswer(new("c1")),
            nameof(WatchEndedAnswer) => new WatchEndedAnswer(new("c1")),
            nameof(PrivacyChangedAnswer) => new PrivacyChangedAnswer(
                new() { OnlineStatusVisibility = Core.Privacy.Visibility.Contacts, Blocked = [new("bea")] }
            ),
            nameof(UnwatchedAnswer) => new UnwatchedAnswer(new("c1")),
            nameof(TypingSnapshotAnswer) => new TypingSnapshotAnswer(new("c1"), [new TypistIs(new("bea"), TimeSpan.FromSeconds(2.5))]),
            nameof(TokenExpiring) => new TokenExpiring(TimeSpan.FromSeconds(59.8)),
            _ => throw new ArgumentOutOfRangeException(nameof(answer), answer, null),
        };

    private static string Text(ReadOnlyMemory<byte> frame) => Encoding.UTF8.GetString(frame.Span);
}
