using System.Collections.Immutable;
using Presence.Core.Privacy;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <summary>Says why a viewer sees what it sees.</summary>
internal static class Explanations
{
    /// <param name="user">Who is looked at.</param>
    /// <param name="viewer">Who looks.</param>
    /// <param name="areContacts">Whether the two are contacts.</param>
    /// <param name="presence">What the viewer sees.</param>
    public static Explanation Of(UserState user, UserId viewer, bool areContacts, PresenceRecord presence)
    {
        if (viewer == user.Id)
        {
            return new(presence, viewer, true, "owner", ["the viewer is the user itself"]);
        }

        var rule = user.Profile.Privacy;
        var because = ImmutableArray.CreateBuilder<string>();
        because.Add(areContacts ? "the two are contacts" : "the two are no contacts");
        because.Add(
            $"the user's status is visible to {rule.OnlineStatusVisibility.ToString().ToLowerInvariant()}, last seen to {rule.LastSeenVisibility.ToString().ToLowerInvariant()}"
        );
        var deciding = Audience.DecidingRule(rule, viewer);
        because.Add(
            deciding switch
            {
                "block" => "the user has blocked the viewer, which beats all else",
                "override" => "the user has made an exception for the viewer, which beats the visibility",
                _ => "no block and no exception for the viewer: the visibility decides",
            }
        );
        var sight = Audience.SightOf(rule, viewer, areContacts);
        because.Add(
            sight switch
            {
                Sight.Nothing => "so the viewer sees nothing of the user",
                Sight.WithoutLastSeen => "so the viewer sees the user, but not when it was last seen",
                _ => "so the viewer sees the user",
            }
        );
        if (sight != Sight.Nothing && user.Profile.SetStatus == OnlineStatus.Invisible)
        {
            because.Add("the user is invisible: others see someone who went offline when the user became invisible");
            return new(presence, viewer, false, "invisible", because.ToImmutable());
        }

        if (sight != Sight.Nothing && user.Seen.Version == 0)
        {
            because.Add("nobody ever heard of the user");
            return new(presence, viewer, sight != Sight.Nothing, "never_seen", because.ToImmutable());
        }

        return new(presence, viewer, sight != Sight.Nothing, deciding, because.ToImmutable());
    }
}
