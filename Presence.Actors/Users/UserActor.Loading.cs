using Akka.Actor;
using Akka.Cluster.Sharding;
using Presence.Actors.Events;
using Presence.Actors.Loading;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <content>Starting: nothing is shown of a user before it is known what the person chose, for it might be to be invisible.</content>
public sealed partial class UserActor
{
    /// <summary>Stands for the devices that a user is presumed to have after a restart, until they have come back or their grace is over. No device has this id, which is empty.</summary>
    private static readonly DeviceId Presumed = default;

    /// <summary>Well above what it takes until the entities of a node that is lost begin again.</summary>
    private static readonly TimeSpan Lately = TimeSpan.FromSeconds(20);

    private readonly List<UserLoaded> _loaded = [];
    private UserRow? _row;
    private bool _loading = true;
    private bool _gaveUp;
    private int _stashed;

    private void OnLoading(object message)
    {
        switch (message)
        {
            case UserLoaded or LoadFailed or ContactsLoaded or ContactsUnread or DevicesLoaded when _gaveUp:
                break;
            case UserLoaded loaded:
                _loaded.Add(loaded);
                if (_loaded.Count == 1)
                {
                    OnLoaded(loaded);
                }

                break;
            case ContactsLoaded loaded:
                _contacts = loaded.Contacts;
                break;
            case DevicesLoaded loaded:
                Know(loaded);
                break;
            case LoadFailed or ContactsUnread:
                GiveUp();
                break;
            case Tick tick when tick == Tick.LoadOverdue:
                GiveUp();
                break;
            case Tick or ClockWasSet:
                break;
            case StopUser:
                RefuseReads();
                RefuseStashed();
                Context.Stop(Self);
                break;
            case Terminated:
                break;
            default:
                OnMessageWhileLoading(message);
                break;
        }
    }

    private void OnLoaded(UserLoaded loaded)
    {
        _row = loaded.Row;
        if (_row is { Profile: null })
        {
            // A fact of a newer version: it might say that the user is invisible.
            GiveUp();
            return;
        }

        var isBehind = _row is { } row && row.ProjectedSequence < row.JournalSequence;
        Start(_row?.Profile ?? Profile.Empty, _row?.Sequence ?? 0);
        if (isBehind)
        {
            _services.Counters.ProfileRecoveries.Add(1);
            Project();
        }
    }

    private void Start(Profile profile, long sequence)
    {
        Timers.Cancel(Tick.LoadOverdue);
        _sequence = sequence;
        var now = Now;
        _startedAt = Elapsed;
        _epoch = now.Shared;
        // Chosen so lately, it may not have been told by the entity before this one.
        var startedAt = Versions.TimeOf(now.Shared);
        _ruleSince = profile.PrivacyAt is { } chosen && startedAt - chosen < Lately ? startedAt : null;
        _state = UserState.Load(_id, new StoredUser(WithDefaults(profile), _row?.LastSeenAt), now, Options.LastSeenRounding, Grace());
        _services.Hubs.TellAll(new EntityBegun(_id, _epoch), Self);
        if (profile.Held is null && _state.Profile.Held is not null)
        {
            // The next entity is to show the same.
            Project();
        }

        PresumeConnected();
        StartExpiry();
        _row = null;
        _loading = false;
        _loaded.ForEach(OnRead);
        _loaded.Clear();
        UnstashAll();
        WatchIdleness();
    }

    /// <summary>Who was connected a moment ago, when the server went or the entity moved, is about to come back: nobody is to see offline meanwhile.</summary>
    private void PresumeConnected()
    {
        if (_row is not { Connected: true, LastSeenAt: { } lastSeen })
        {
            return;
        }

        // Negative where the wall clock was set back since.
        var age = _clock.Wall - lastSeen;
        if (age > Options.LastSeenInterval + Options.OfflineGrace)
        {
            return;
        }

        _state = WithPresumed(active: !_row.Idle);
        CountDevices(0, _state.Devices.Count);
        BeginToSettle(Elapsed - (age > TimeSpan.Zero ? age : TimeSpan.Zero));
    }

    private UserState WithPresumed(bool active) =>
        _state.WithDevice(Presumed, new DevicePresence(DevicePresence.NoPlatform, active, InGrace: true), Now);

    /// <param name="writtenAt">When last seen was written, by the clock that nobody sets.</param>
    private void BeginToSettle(TimeSpan writtenAt)
    {
        _lastSeenWritten = writtenAt;
        _settling = true;
        _presumedUntil = Elapsed + Options.OfflineGrace;
        var settled = SettleTime < Options.OfflineGrace ? SettleTime : Options.OfflineGrace;
        Timers.StartSingleTimer(Tick.Settled, Tick.Settled, settled);
        Timers.StartSingleTimer(Tick.PresumptionOver, Tick.PresumptionOver, Options.OfflineGrace);
    }

    /// <summary>Whoever is back now is counted as it is, and not as it was presumed to be; who is not may be back within the grace.</summary>
    private void Settle()
    {
        _settling = false;
        if (_state.Devices.Count > 1)
        {
            EndPresumption();
        }

        // What was not told for certain meanwhile, under a version that clients take for newer. Hubs push it to those who were told the other.
        if (_state.SeenWhileSettling != _state.SeenNow)
        {
            Move(_state.Confirmed(Now), cause: null);
        }

        if (_beforeConnect is null)
        {
            TellOwn(cause: null);
        }
    }

    /// <summary>A hub that watched an earlier entity knows its epoch and its last version. Both go on from there, also where this node's clock is behind.</summary>
    private void Follow(KnownUntil known)
    {
        LookAgainAfter(known);
        // What the store says is a moment old: who connected just before an earlier entity's node was lost may not be in it.
        if (known.Online && known.Epoch != _epoch && _state.Devices.IsEmpty && Elapsed - _startedAt < SettleTime)
        {
            BeginToSettle(Elapsed);
            Move(WithPresumed(active: true), cause: null);
        }

        if (known.Epoch > _epoch)
        {
            _epoch = known.Epoch + 1;
        }

        Move(_state.Above(known.Version, known.Seen, Now), cause: null);
    }

    /// <summary>Of what was attached to an earlier entity more is about to come, also where nothing was presumed.</summary>
    private void Follow(AttachDevice attach)
    {
        if (attach.Again && !_settling && Elapsed - _startedAt < SettleTime)
        {
            _settling = true;
            Timers.StartSingleTimer(Tick.Settled, Tick.Settled, _startedAt + SettleTime - Elapsed);
        }

        Follow(attach.Known);
    }

    /// <summary>
    /// Nobody came. What the entity before this one wrote as it ended may have been stored only after this one was loaded: it knows better when the user was last seen,
    /// and an older time the store would refuse, and the user stay connected there.
    /// </summary>
    private void OnPresumptionOver()
    {
        if (_services.Standing.IsLeaving)
        {
            // Nobody can come back here. Whether they are gone is for the next entity to say.
            Timers.StartSingleTimer(Tick.PresumptionOver, Tick.PresumptionOver, Options.OfflineGrace);
        }
        else if (_state.Devices.ContainsKey(Presumed))
        {
            Read(
                null,
                loaded =>
                {
                    // What is being erased is not to be written again.
                    if (_erasure is null)
                    {
                        EndPresumption(loaded?.Row?.LastSeenAt);
                    }
                }
            );
        }
    }

    private void EndPresumption(DateTimeOffset? lastSeen = null)
    {
        if (_state.Devices.ContainsKey(Presumed))
        {
            Move(_state.WithoutDevice(Presumed, lastSeen ?? _state.LastSeenAt ?? _clock.Wall, Now), cause: null);
        }
    }

    /// <summary>The store is out of reach: whoever waits is told, and the next message tries again with a new entity. Passivated, since a stop would lose what is on its way.</summary>
    private void GiveUp()
    {
        _gaveUp = true;
        Timers.Cancel(Tick.LoadOverdue);
        RefuseReads();
        RefuseStashed();
        Context.Parent.Tell(new Passivate(StopUser.Instance));
    }

    private void RefuseStashed()
    {
        _stashed = 0;
        foreach (var envelope in Stash.ClearStash())
        {
            Refuse(envelope.Message, envelope.Sender);
        }
    }

    /// <summary>What is needed for it is read, side by side.</summary>
    private void OnMessageWhileLoading(object message)
    {
        if (_gaveUp)
        {
            Refuse(message, Sender);
            return;
        }

        if (IsReadForViewer(message))
        {
            OnRequest(message);
            return;
        }

        if (_lastRead == 0)
        {
            Read(null, _ => { });
        }

        Want(NeedsContacts(message), NeedsDevices(message));
        StashOrRefuse(message);
    }

    private void StashOrRefuse(object message)
    {
        if (_stashed < MaxStashed)
        {
            _stashed++;
            Stash.Stash();
        }
        else
        {
            Refuse(message, Sender);
        }
    }

    private void UnstashAll()
    {
        _stashed = 0;
        Stash.UnstashAll();
    }

    private void Refuse(object message, IActorRef sender)
    {
        switch (message)
        {
            case AttachDevice attach:
                _services.Hubs.Tell(sender, new AttachRefused(_id, attach.Connection, Refusal.Unavailable), Self);
                break;
            case Request request:
                new ReplyTo(sender, request.Number).Tell(new Refused(Refusal.Unavailable), Self);
                break;
            case Watch:
                _services.Hubs.Tell(sender, new WatchRefused(_id), Self);
                break;
            case DetachDevice detach:
                _services.Hubs.Tell(sender, new DeviceDetached(detach.Connection), Self);
                break;
            case Unwatch or DeviceHeard or EventPosted or AcknowledgeEvent or EventsTaken:
                break;
            case IUserMessage:
                new ReplyTo(sender, null).Tell(new Refused(Refusal.Unavailable), Self);
                break;
        }
    }
}
