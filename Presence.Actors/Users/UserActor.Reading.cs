using Akka.Actor;
using Presence.Actors.Loading;
using Presence.Core.Errors;

namespace Presence.Actors.Users;

/// <content>
/// Reads. Of a user whom nobody ever heard of, an entity is made, and the store is read, before a viewer is told that there is nothing to see.
/// One who is hidden from the viewer may have an entity that answers at once: then the time alone would tell that there is somebody.
/// So whoever is told nothing is told so after a read of the store, be there something or not, and not at all where the store is out of reach.
/// </content>
public sealed partial class UserActor
{
    /// <summary>Who waits for a read of the store, one read each, in order.</summary>
    private readonly Queue<(GetPresence Get, ReplyTo ReplyTo)> _likeNobody = [];

    /// <summary>The next so many messages have waited for this entity to be loaded: they have had their read.</summary>
    private int _haveWaited;

    private void OnGetPresence(GetPresence get, ReplyTo replyTo)
    {
        var presence = _state.SeenBy(get.Viewer, IsContact(get.Viewer));
        if (presence is not { Version: 0, Owner: null } || _haveWaited > 0)
        {
            replyTo.Tell(new PresenceIs(presence), Self);
        }
        else if (_likeNobody.Count >= MaxStashed)
        {
            replyTo.Tell(new Refused(Refusal.Unavailable), Self);
        }
        else
        {
            _likeNobody.Enqueue((get, replyTo));
            _services.Loader.Tell(new LoadUser(_id));
        }
    }

    private void RefuseReads()
    {
        while (_likeNobody.Count > 0)
        {
            AnswerLikeNobody(isRead: false);
        }
    }

    private void AnswerLikeNobody(bool isRead)
    {
        if (_likeNobody.TryDequeue(out var waiting))
        {
            var (get, replyTo) = waiting;
            replyTo.Tell(
                isRead ? new PresenceIs(_state.SeenBy(get.Viewer, IsContact(get.Viewer))) : new Refused(Refusal.Unavailable),
                Self
            );
        }
    }
}
