using Akka.Actor;
using Presence.Actors.Loading;
using Presence.Core.Errors;
using Presence.Core.Privacy;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <content>
/// Reads. Of a user whom nobody ever heard of, an entity is made, and the store is read, before a viewer is told that there is nothing to see.
/// One who is hidden from the viewer may have an entity that answers at once: then the time alone would tell that there is somebody.
/// So whoever is told nothing is told so after a read of the store, be there something or not, and not at all where the store is out of reach.
/// </content>
public sealed partial class UserActor
{
    /// <summary>What waits for a read of the store, one read each. It is told what was read; null: nothing, the store is out of reach.</summary>
    private readonly Dictionary<long, Action<UserLoaded?>> _reads = [];

    private long _lastRead;

    /// <summary>While the entity is loaded it needs a read of its own, as it would from memory.</summary>
    private bool IsReadForViewer(object message) => Content(message) is GetPresence { Viewer: { } viewer } && viewer != _id;

    private void OnGetPresence(GetPresence get, ReplyTo replyTo)
    {
        if (get.Viewer is not { } viewer || viewer == _id)
        {
            replyTo.Tell(new PresenceIs(_state.SeenBy(get.Viewer, areContacts: false, Now, _settling)), Self);
        }
        else if (
            !_loading
            && !SeemsUnloaded
            && IsContact(viewer) is { } areContacts
            && SeenBy(viewer, areContacts) is { Version: > 0 } presence
        )
        {
            replyTo.Tell(new PresenceIs(presence), Self);
        }
        else
        {
            ReadFor(viewer, replyTo, are => new PresenceIs(SeenBy(viewer, are)));
        }
    }

    private void OnExplain(Explain explain, ReplyTo replyTo)
    {
        if (!SeemsUnloaded && _contacts?.Contains(explain.Viewer) is { } areContacts)
        {
            replyTo.Tell(ExplainTo(explain.Viewer, areContacts), Self);
        }
        else
        {
            ReadFor(explain.Viewer, replyTo, are => ExplainTo(explain.Viewer, are));
        }
    }

    private Explanation ExplainTo(UserId viewer, bool areContacts) =>
        Explanations.Of(_state, viewer, areContacts, SeenBy(viewer, areContacts));

    private PresenceRecord SeenBy(UserId viewer, bool areContacts)
    {
        var presence = _state.SeenBy(viewer, areContacts, Now, _settling);
        _state = _state.GivenOut(presence.Version);
        return presence;
    }

    /// <summary>Whether the viewer is a contact; null: it matters, and is not known here.</summary>
    private bool? IsContact(UserId viewer) =>
        (SeemsWithoutContacts ? null : _contacts)?.Contains(viewer)
        ?? (
            Audience.SightOf(_state.Profile.Privacy, viewer, areContacts: true)
            == Audience.SightOf(_state.Profile.Privacy, viewer, areContacts: false)
                ? false
                : null
        );

    private void ReadFor(UserId viewer, ReplyTo replyTo, Func<bool, IAnswer> answer)
    {
        if (_reads.Count >= MaxStashed)
        {
            replyTo.Tell(new Refused(Refusal.Unavailable), Self);
            return;
        }

        Read(
            viewer,
            loaded =>
            {
                if (loaded is not null && SeemsUnloaded)
                {
                    LoadSeemingly();
                }

                replyTo.Tell(
                    // Contacts that were read since are kept up to date.
                    loaded is null
                        ? new Refused(Refusal.Unavailable)
                        : answer(_contacts?.Contains(viewer) ?? loaded.AreContacts),
                    Self
                );
            }
        );
    }

    private void Read(UserId? viewer, Action<UserLoaded?> then)
    {
        _reads[++_lastRead] = then;
        _services.Loader.Tell(new LoadUser(_id, viewer, _lastRead));
    }

    private void RefuseReads()
    {
        foreach (var read in _reads.Keys.ToList())
        {
            EndRead(read, null);
        }
    }

    private void OnRead(UserLoaded loaded) => EndRead(loaded.Number, loaded);

    private void EndRead(long number, UserLoaded? loaded)
    {
        if (_reads.Remove(number, out var then))
        {
            then(loaded);
        }
    }
}
