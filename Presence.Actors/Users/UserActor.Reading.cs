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
    /// <summary>What waits for a read of the store, one read each, in order. It is told what was read; null: nothing, the store is out of reach.</summary>
    private readonly Queue<Action<UserLoaded?>> _reads = [];

    /// <summary>The next so many messages have waited for this entity to be loaded: they have had their read.</summary>
    private int _haveWaited;

    private void OnGetPresence(GetPresence get, ReplyTo replyTo)
    {
        var presence = _state.SeenBy(get.Viewer, IsContact(get.Viewer), _settling);
        if (presence is not { Version: 0, Owner: null } || _haveWaited > 0)
        {
            replyTo.Tell(new PresenceIs(presence), Self);
        }
        else if (_reads.Count >= MaxStashed)
        {
            replyTo.Tell(new Refused(Refusal.Unavailable), Self);
        }
        else
        {
            Read(loaded =>
                replyTo.Tell(
                    loaded is null ? new Refused(Refusal.Unavailable) : new PresenceIs(_state.SeenBy(get.Viewer, IsContact(get.Viewer))),
                    Self
                )
            );
        }
    }

    private void Read(Action<UserLoaded?> then)
    {
        _reads.Enqueue(then);
        _services.Loader.Tell(new LoadUser(_id));
    }

    private void RefuseReads()
    {
        while (_reads.Count > 0)
        {
            OnRead(null);
        }
    }

    private void OnRead(UserLoaded? loaded)
    {
        if (_reads.TryDequeue(out var then))
        {
            then(loaded);
        }
    }
}
