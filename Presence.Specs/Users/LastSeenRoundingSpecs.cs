using Presence.Actors;
using Presence.Core.Users;
using Presence.Specs.Support;
using static Presence.Specs.Support.Some;

namespace Presence.Specs.Users;

/// <summary>Last seen rounded down for the others, and exact for the owner.</summary>
public sealed class LastSeenRoundingSpecs
{
    private static readonly TimeSpan Quarter = TimeSpan.FromMinutes(15);

    private static UserState Rounded => UserState.Load(Ann, StoredUser.Nobody, Noon, Quarter);

    [Fact]
    public void Others_see_the_quarter_of_the_hour_and_the_owner_the_moment()
    {
        var gone = Rounded
            .WithDevice(Phone, Active, At(1))
            .WithDevice(Phone, Active.Gone(), At(1_700))
            .WithoutDevice(Phone, At(1_700), At(1_710));

        gone.SeenBy(Ben, areContacts: true).LastSeenAt.ShouldBe(At(900));
        gone.SeenBy(Ann, areContacts: false).LastSeenAt.ShouldBe(At(1_700));
        gone.SeenBy(null, areContacts: false).LastSeenAt.ShouldBe(At(1_700));
    }

    [Fact]
    public void It_is_the_same_while_online_and_after_a_restart()
    {
        var online = Rounded.WithDevice(Phone, Active, At(1_000));
        var gone = online.WithoutDevice(Phone, At(1_000), At(1_010));

        online.Seen.LastSeenAt.ShouldBe(At(900));
        UserState.Load(Ann, new(gone.Profile, gone.LastSeenAt), At(2_000), Quarter).Seen.LastSeenAt.ShouldBe(At(900));
    }

    [Fact]
    public void One_who_becomes_invisible_is_held_at_the_rounded_time()
    {
        var hidden = Rounded.WithDevice(Phone, Active, At(1)).Choose(Update(OnlineStatus.Invisible), At(1_000));

        hidden.Seen.LastSeenAt.ShouldBe(At(900));
        UserState.Load(Ann, new(hidden.Profile, hidden.LastSeenAt), At(1_100), Quarter).Seen.LastSeenAt.ShouldBe(At(900));
    }

    [Fact]
    public void A_change_within_the_rounding_is_no_change_to_others()
    {
        var gone = Rounded.WithDevice(Phone, Active, At(10)).WithoutDevice(Phone, At(10), At(20));
        var away = UserState.Load(Ann, new(gone.Profile, At(300)), At(400), Quarter);
        var later = UserState.Load(Ann, new(gone.Profile, At(500)), At(400), Quarter);

        (later.Seen with { Version = 0, UpdatedAt = default }).ShouldBe(away.Seen with { Version = 0, UpdatedAt = default });
    }

    [Fact]
    public void Without_the_option_everybody_sees_the_moment() =>
        Nobody()
            .WithDevice(Phone, Active, At(1))
            .WithoutDevice(Phone, At(1_700.25), At(1_710))
            .SeenBy(Ben, areContacts: false)
            .LastSeenAt.ShouldBe(At(1_700.25));

    [Theory]
    [InlineData("-00:00:01", false)]
    [InlineData("1.00:00:01", false)]
    [InlineData("00:00:00", true)]
    [InlineData("00:15:00", true)]
    public void The_option_is_checked_at_the_start(string value, bool isGood) =>
        new PresenceOptions { LastSeenRounding = TimeSpan.Parse(value, System.Globalization.CultureInfo.InvariantCulture) }
            .Problems()
            .Any(problem => problem.Contains("Presence:LastSeenRounding", StringComparison.Ordinal))
            .ShouldBe(!isGood);
}
