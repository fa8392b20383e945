using Akka.Actor;
using Presence.Actors.Events;
using Presence.Actors.Loading;
using Presence.Actors.Nodes;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <content>
/// An invisible user is to look like one who left. The record is made alike by <see cref="UserState"/>; here is what else could tell the two apart.
/// The entity of somebody who left goes when nobody has looked for a while, and whoever looks next loads it: the answer takes a read of the store, and has a version of then.
/// That of an invisible user stays, for its devices do. So to those who look, it seems to go and to be loaded all the same.
/// </content>
public sealed partial class UserActor
{
    /// <summary>Until when the entity of somebody who left would stay, unless somebody looks before. Zero at the start: what loaded this one may have been a device.</summary>
    private TimeSpan _seemsLoadedUntil;

    /// <summary>Whether it seems not to know the contacts: it was loaded without a device, or seemed to be since.</summary>
    private bool _seemsWithoutContacts;

    private bool SeemsWithoutContacts => _state.Profile.Held is not null && _seemsWithoutContacts;

    private bool SeemsUnloaded => !_loading && _state.Profile.Held is not null && _watchers.Count == 0 && Elapsed >= _seemsLoadedUntil;

    /// <summary>The grace of the next one to leave, as the others will see it.</summary>
    private TimeSpan Grace() => Options.OfflineGrace + LateGraces.Of(Context.System).Draw();

    /// <summary>Only what others ask counts, and nothing that the user's own devices do. Where the answer takes a read of the store, it seems to be loaded with that.</summary>
    private void NoteLook(object message)
    {
        if (_state.Profile.Held is null)
        {
            // Its own life. Only the wish to hide is nothing that somebody who left would have said.
            var hides = message is UpdatePresence { Update.OnlineStatus: OnlineStatus.Invisible or OnlineStatus.Offline };
            _seemsLoadedUntil = hides || message is Tick or FactsWritten ? _seemsLoadedUntil : Elapsed + IdleAfter;
            return;
        }

        var looks = message switch
        {
            GetPresence get => get.Viewer != _id,
            Terminated gone => _watchers.ContainsKey(gone.ActorRef),
            // Those two reach only entities that live, and the first only those that have asked.
            ContactsLoaded => !_seemsWithoutContacts,
            ClockWasSet => true,
            _ => message is Explain or Watch or Unwatch or EventPosted or SetPrivacy,
        };
        if (looks && !SeemsUnloaded)
        {
            _seemsLoadedUntil = Elapsed + IdleAfter;
        }
        else if (message is EventPosted or SetPrivacy or GetPresence { Viewer: null } && SeemsUnloaded)
        {
            LoadSeemingly();
        }
    }

    private void LoadSeemingly()
    {
        _seemsWithoutContacts = true;
        _seemsLoadedUntil = Elapsed + IdleAfter;
        _state = _state.AsIfLoaded(Now);
    }

    private void SeemToLoad(Action then, Action refuse) =>
        Read(
            viewer: null,
            loaded =>
            {
                if (loaded is null)
                {
                    refuse();
                    return;
                }

                if (SeemsUnloaded)
                {
                    LoadSeemingly();
                }

                then();
            }
        );

    private void FollowHiding(UserState earlier, UserState next)
    {
        if (next.Profile.Held is null || earlier.Profile.Held is not null)
        {
            return;
        }

        _seemsWithoutContacts = _contacts is null;
        // Somebody who was offline before does nothing now.
        _seemsLoadedUntil = earlier.Seen.OnlineStatus == OnlineStatus.Offline ? _seemsLoadedUntil : Elapsed + IdleAfter;
        if (earlier.Profile.Status.Under == OnlineStatus.Invisible)
        {
            // It became so by itself, of which the journal has nothing. The next entity is to show the same.
            Project();
        }
    }

    /// <summary>Somebody left. What took much longer was no timer's doing: a device that fell silent was last seen long before.</summary>
    private void NoteLateness()
    {
        if (_state is { Devices.IsEmpty: true, Profile.Held: null, LastSeenAt: { } lastSeen })
        {
            var late = _state.Seen.UpdatedAt - lastSeen - Options.OfflineGrace;
            if (late >= TimeSpan.Zero && late < Options.HeartbeatInterval)
            {
                LateGraces.Of(Context.System).Note(late);
            }
        }
    }
}
