using CsCheck;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Specs.Sessions;

/// <summary>What a client brings back: where it was, and who it is.</summary>
public sealed class CursorSpecs
{
    private static readonly ResumeTokens Tokens = new([.. Enumerable.Range(0, 32).Select(number => (byte)number)]);

    [Fact]
    public void A_cursor_comes_back_as_it_was()
    {
        Gen.Select(Gen.Long[0, (1L << 53) - 1], Gen.ULong, Gen.Long[0, long.MaxValue], Gen.ULong.Array[0, Cursor.MostNewer])
            .Sample(
                (time, contacts, session, newer) =>
                {
                    var cursor = new Cursor(time, contacts, session, [.. newer]);
                    Cursor.TryParse(cursor.ToString(), out var read).ShouldBeTrue();
                    (read.Time, read.Contacts, read.Session).ShouldBe((time, contacts, session));
                    read.Newer.ShouldBe(newer);
                }
            );
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1795388091945778")]
    [InlineData("1.2")]
    [InlineData("1.2.x")]
    [InlineData("-1.2.3")]
    [InlineData("1.2.8000000000000000")]
    [InlineData("20000000000000.2.3")]
    [InlineData("1.2.3.")]
    [InlineData("1.2.3.fffffffffffffffff")]
    public void What_is_no_cursor_is_not_read(string? text)
    {
        Cursor.TryParse(text, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_cursor_that_names_more_records_than_one_of_ours_is_not_read()
    {
        Cursor.TryParse("1.2.3" + string.Concat(Enumerable.Repeat(".1", Cursor.MostNewer + 1)), out _).ShouldBeFalse();
    }

    [Fact]
    public void The_number_of_a_set_of_contacts_does_not_depend_on_their_order_and_tells_sets_apart()
    {
        UserId[] users = [new("ann"), new("bob"), new("cyd")];
        Cursor.HashOf(users).ShouldBe(Cursor.HashOf(users.Reverse()));
        Cursor.HashOf(users).ShouldNotBe(Cursor.HashOf(users[..2]));
        Cursor.HashOf([]).ShouldNotBe(Cursor.HashOf(users[..1]));
        // Stored in clients' cursors, and compared by other nodes: the same in every version.
        Cursor.HashOf(users[..1]).ToString("x", null).ShouldBe("8096e52ad559ed80");
    }

    [Fact]
    public void A_client_has_what_is_older_than_its_cursor_and_the_newer_that_it_names()
    {
        var bob = PresenceRecord.Unknown(new("bob"));
        var cursor = new Cursor(100, 0, 0, [Cursor.HashOf(new("bob"), 120)]);
        cursor.Has(bob with { Version = 100 }).ShouldBeTrue();
        cursor.Has(bob with { Version = 120 }).ShouldBeTrue();
        cursor.Has(bob with { Version = 110 }).ShouldBeFalse();
        cursor.Has(new PresenceRecord(new("cyd")) { Version = 120 }).ShouldBeFalse();
    }

    [Fact]
    public void It_says_what_the_client_was_told_alone_until_its_time_is_past_that()
    {
        var cursor = new Cursor(100, 1, 2, [3]);
        Cursor.TryParse(cursor.After(101).ToString(), out var read).ShouldBeTrue();
        read.ToldAlone.ShouldBe(101);
        read.Newer.ShouldBe([3UL]);
        cursor.After(100).ToString().ShouldBe(cursor.ToString());
        Cursor.TryParse("64.1.2.x", out _).ShouldBeFalse();
        Cursor.TryParse("64.1.2.x65.x66", out _).ShouldBeFalse();
        Cursor.TryParse("64.1.2.xffffffffffffffff", out _).ShouldBeFalse();
    }

    [Fact]
    public void A_token_is_good_for_its_own_user_and_device_alone()
    {
        var connection = Guid.NewGuid();
        var token = Tokens.Issue(connection, new("ann"), new DeviceId("phone"));
        Tokens.Read(token, new("ann"), new DeviceId("phone")).ShouldBe(connection);
        Tokens.Read(token, new("ann"), new DeviceId("laptop")).ShouldBeNull();
        Tokens.Read(token, new("bob"), new DeviceId("phone")).ShouldBeNull();
        Tokens.Read(token, new("ann"), null).ShouldBeNull();
        new ResumeTokens(new byte[32]).Read(token, new("ann"), new DeviceId("phone")).ShouldBeNull();
    }

    [Fact]
    public void A_token_that_was_altered_anywhere_is_none()
    {
        var token = Tokens.Issue(Guid.NewGuid(), new("ann"), new DeviceId("phone"));
        for (var i = 0; i < token.Length; i++)
        {
            var altered = token[..i] + (token[i] == 'A' ? 'E' : 'A') + token[(i + 1)..];
            Tokens.Read(altered, new("ann"), new DeviceId("phone")).ShouldBeNull();
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("not base64!")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_is_no_token_is_not_read(string? text)
    {
        Tokens.Read(text, new("ann"), new DeviceId("phone")).ShouldBeNull();
    }
}
