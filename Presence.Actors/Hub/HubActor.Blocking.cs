using System.Collections.Immutable;
using Presence.Actors.Users;
using Presence.Core.Privacy;
using Presence.Core.Users;

namespace Presence.Actors.Hub;

/// <content>Whom the users of this node block: they see nothing of those, as those see nothing of them.</content>
public sealed partial class HubActor
{
    /// <summary>The user chose who may see what. Its other devices are told.</summary>
    private void TakeRule(LocalUser user, PrivacyRule rule, ConnectionId? cause)
    {
        TakeBlocked(user, rule.Blocked.Remove(user.Id));
        foreach (var socket in user.Sockets.Where(socket => socket.Welcomed && socket.Connection.Id != cause))
        {
            Answer(socket, null, new PrivacyChangedAnswer(rule));
        }
    }

    private void TakeBlocked(LocalUser user, ImmutableHashSet<UserId> blocked)
    {
        var before = user.Blocked;
        if (before.SetEquals(blocked))
        {
            return;
        }

        user.Blocked = blocked;
        foreach (var other in before.SymmetricExcept(blocked))
        {
            user.Sockets.ForEach(socket => TellBlock(socket, other, wasBlocked: before.Contains(other)));
        }

        user.Sockets.ForEach(TellKnown);
    }

    /// <summary>Also where nothing else changed: it sees the other no more, or again.</summary>
    private void TellBlock(HubSocket viewer, UserId other, bool wasBlocked)
    {
        if (!wasBlocked)
        {
            EndShown(viewer, other);
        }

        if (!viewer.Ready || !_watched.TryGetValue(other, out var watched) || !watched.Known || !watched.Viewers.Contains(viewer))
        {
            return;
        }

        var before = Audience.SightOf(watched.Rule, viewer.User.Id, viewer.User.Contacts.Contains(other), wasBlocked);
        var sight = watched.SightOf(viewer);
        if (sight != before)
        {
            PushAlone(watched, viewer, sight);
        }
    }
}
