using System.Text;
using System.Text.Json;
using CsCheck;
using Presence.Core.Json;
using Presence.Core.Users;
using static Presence.Specs.Support.Some;

namespace Presence.Specs.Json;

/// <summary>The very bytes that clients of the contract read.</summary>
public sealed class PresenceJsonSpecs
{
    private static readonly PresenceRecord Busy = new(Ann)
    {
        OnlineStatus = OnlineStatus.Busy,
        CustomStatus = "in the lab",
        Activity = "in_a_call",
        ExpiresAt = At(3600),
        Platforms = PlatformStatuses.From([new("web", OnlineStatus.Online), new("mobile", OnlineStatus.Away)]),
        LastSeenAt = At(0.5),
        UpdatedAt = At(1),
        Version = 1795348801000000,
    };

    [Fact]
    public void Who_is_unknown_reads_so() =>
        Written(PresenceRecord.Unknown(Ann))
            .ShouldBe(
                """{"user_id":"ann","online_status":"offline","custom_status":null,"activity":null,"expires_at":null,"platforms":{},"last_seen_at":null,"updated_at":"1970-01-01T00:00:00Z","version":0,"certainty":"confirmed"}"""
            );

    [Fact]
    public void Who_is_busy_reads_so() =>
        Written(Busy)
            .ShouldBe(
                """{"user_id":"ann","online_status":"busy","custom_status":"in the lab","activity":"in_a_call","expires_at":"2026-11-22T13:00:00Z","platforms":{"mobile":"away","web":"online"},"last_seen_at":"2026-11-22T12:00:00.5Z","updated_at":"2026-11-22T12:00:01Z","version":1795348801000000,"certainty":"confirmed"}"""
            );

    [Fact]
    public void The_owner_reads_what_was_set_until_when_and_how_many_devices_are_connected() =>
        Written(Busy with { Owner = new(OnlineStatus.Invisible, new Ends(CustomStatus: At(3600)), Devices: 2, ActiveDevices: 1) })
            .ShouldEndWith(
                ""","certainty":"confirmed","set_status":"invisible","ends":{"online_status":null,"custom_status":"2026-11-22T13:00:00Z","activity":null},"devices":2,"active_devices":1}"""
            );

    [Fact]
    public void The_owner_reads_the_same_fields_where_nothing_is_set() =>
        Written(Busy with { Owner = new(null) })
            .ShouldEndWith(
                ""","certainty":"confirmed","set_status":null,"ends":{"online_status":null,"custom_status":null,"activity":null},"devices":0,"active_devices":0}"""
            );

    [Fact]
    public void A_push_tells_when_it_was_sent() => Written(Busy, At(2)).ShouldEndWith(",\"timestamp\":\"2026-11-22T12:00:02Z\"}");

    [Theory]
    [InlineData(Certainty.Confirmed, "confirmed")]
    [InlineData(Certainty.Grace, "grace")]
    [InlineData(Certainty.Unknown, "unknown")]
    public void A_certainty_is_a_word(Certainty certainty, string word) =>
        Written(Busy with { Certainty = certainty }).ShouldContain($"\"certainty\":\"{word}\"");

    [Fact]
    public void Every_status_comes_back_from_its_word() =>
        Gen.Enum<OnlineStatus>().Sample(status => OnlineStatusTokens.TryParse(status.Token(), out var back) && back == status);

    [Fact]
    public void Times_are_written_in_utc_and_read_back_whatever_their_offset() =>
        Gen.Select(Gen.Long[0, TimeSpan.TicksPerDay], Gen.Int[-14, 14])
            .Sample(
                (ticks, hours) =>
                {
                    var time = Noon.AddTicks(ticks).ToOffset(TimeSpan.FromHours(hours));
                    using var json = JsonDocument.Parse(Written(Busy with { UpdatedAt = time }));
                    var text = json.RootElement.GetProperty("updated_at").GetString()!;
                    text.ShouldEndWith("Z");
                    Rfc3339.TryParse(text, out var back).ShouldBeTrue();
                    back.ShouldBe(time);
                }
            );

    [Fact]
    public void Any_text_comes_back_as_it_went() =>
        Gen
            .String.Where(text => !text.Any(char.IsSurrogate))
            .Sample(text =>
            {
                using var json = JsonDocument.Parse(Written(Busy with { CustomStatus = text }));
                json.RootElement.GetProperty("custom_status").GetString().ShouldBe(text);
            });

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-3, 1)]
    [InlineData(0.001, 1)]
    [InlineData(1, 1)]
    [InlineData(9.2, 10)]
    public void What_ends_soon_is_told_in_whole_seconds_rounded_up(double seconds, int told) =>
        PresenceJson.WholeSeconds(TimeSpan.FromSeconds(seconds)).ShouldBe(told);

    [Fact]
    public void Who_types_is_a_list()
    {
        var json = Text(writer =>
        {
            writer.WriteStartObject();
            writer.WriteTypingUsers([(Ann, TimeSpan.FromSeconds(9.5)), (Ben, TimeSpan.Zero)]);
            writer.WriteEndObject();
        });

        json.ShouldBe("""{"typing_users":[{"user_id":"ann","expires_in":10},{"user_id":"ben","expires_in":1}]}""");
    }

    private static string Written(PresenceRecord record, DateTimeOffset? timestamp = null) =>
        Text(writer => writer.WritePresence(record, timestamp));

    private static string Text(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
