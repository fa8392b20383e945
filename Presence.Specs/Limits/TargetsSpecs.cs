using Presence.Core.Limits;
using Presence.Core.Users;

namespace Presence.Specs.Limits;

/// <summary>Whom a viewer may ask about.</summary>
public sealed class TargetsSpecs
{
    private static readonly UserId Eve = new("eve");
    private static readonly TimeSpan Noon = TimeSpan.FromHours(12);

    [Fact]
    public void A_viewer_may_ask_about_so_many_users_an_hour_and_no_more()
    {
        var targets = new Targets(limit: 3);
        targets.Take(Eve, Users(1, 2, 3), Noon).ShouldBeNull();

        targets.Take(Eve, Users(4), Noon + TimeSpan.FromMinutes(20)).ShouldBe(TimeSpan.FromMinutes(40));
        targets.Take(Eve, Users(4), Noon + TimeSpan.FromMinutes(60)).ShouldBeNull();
    }

    [Fact]
    public void Whom_it_has_asked_about_already_costs_nothing_and_neither_does_itself()
    {
        var targets = new Targets(limit: 3);
        targets.Take(Eve, Users(1, 2, 3), Noon);

        targets.Take(Eve, [.. Users(3, 2, 1), Eve], Noon).ShouldBeNull();
    }

    [Fact]
    public void Of_what_is_too_much_nothing_is_noted()
    {
        var targets = new Targets(limit: 3);
        targets.Take(Eve, Users(1, 2), Noon);
        targets.Take(Eve, Users(3, 4), Noon).ShouldNotBeNull();

        targets.Take(Eve, Users(5), Noon).ShouldBeNull();
    }

    [Fact]
    public void Each_viewer_has_its_own()
    {
        var targets = new Targets(limit: 1);
        targets.Take(Eve, Users(1), Noon);

        targets.Take(new("ann"), Users(2), Noon).ShouldBeNull();
    }

    [Fact]
    public void Over_what_it_keeps_in_all_the_viewer_who_asked_longest_ago_is_forgotten()
    {
        var targets = new Targets(limit: 2, capacity: 2 * (Targets.ViewerWeight + 2));
        targets.Take(Eve, Users(1, 2), Noon);
        targets.Take(new("ann"), Users(1, 2), Noon);
        targets.Take(Eve, Users(1), Noon);
        targets.Take(new("bob"), Users(1, 2), Noon);

        targets.Take(Eve, Users(3), Noon).ShouldNotBeNull("it asked after the one who was forgotten");
        targets.Take(new("ann"), Users(3, 4), Noon).ShouldBeNull();
    }

    private static UserId[] Users(params int[] numbers) => [.. numbers.Select(number => new UserId($"u{number}"))];
}
