using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Presence.Actors.Conversations;
using Presence.Actors.Nodes;
using Presence.Actors.Users;
using Presence.Core.Contacts;
using Presence.Core.Conversations;
using Presence.Core.Events;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Actors.Loading;

/// <summary>Owns the reading of a node: what its entities need when they start, many of them in one query, and again when a directory was changed.</summary>
/// <remarks>
/// It knows which entities live on its node, so that a change in a directory wakes nobody.
/// Queries are small, shrink while the store is slow, and are tried again in parts (<see cref="Batch{TId}"/>); a store out of reach is told to all who wait. What was changed and could not be read is read again until it can.
/// </remarks>
public sealed partial class LoaderActor : UntypedActor, IWithTimers
{
    /// <summary>How long a query may take. Twice that, for one that is tried again in parts, is under the 2 s within which a client is told that the store is out of reach.</summary>
    private static readonly TimeSpan QueryLimit = TimeSpan.FromSeconds(0.75);

    /// <summary>So long after an answer the store counts as within reach: a query that is late then was too large, or the machine is busy.</summary>
    private static readonly TimeSpan Reached = TimeSpan.FromSeconds(1);

    /// <summary>A query whose rows name so many in their rules has read some 2 MB.</summary>
    private const int ManyRuled = 50_000;

    /// <summary>A user, and for whom it is read.</summary>
    private readonly record struct Reading(UserId User, UserId? Viewer, long Number);

    /// <summary>An entity of this node.</summary>
    private readonly record struct Living(IActorRef Entity, bool HasContacts);

    private static readonly TimeSpan LookForPeers = TimeSpan.FromMilliseconds(50);

    private sealed record PeersDue : ILoaderMessage, IDeadLetterSuppression
    {
        public static PeersDue Instance { get; } = new();
    }

    private sealed record UsersRead(IReadOnlyDictionary<UserId, UserRow> Rows, IReadOnlySet<(UserId User, UserId Other)> Contacts)
        : ILoaderMessage;

    private sealed record UsersUnread(Exception Cause) : ILoaderMessage;

    private sealed record SessionsRead(IReadOnlyList<Session> Sessions) : ILoaderMessage;

    private sealed record SessionsUnread(Exception Cause) : ILoaderMessage;

    private sealed record ParticipantsRead(IReadOnlyDictionary<ConversationId, IReadOnlyList<UserId>> Participants) : ILoaderMessage;

    private sealed record ParticipantsUnread(Exception Cause) : ILoaderMessage;

    private readonly IUserStore _store;
    private readonly IContactDirectory _contacts;
    private readonly IConversationDirectory _conversations;
    private readonly ISessionStore _sessions;
    private readonly NodeStanding _standing;
    private readonly IScheduler _scheduler = Context.System.Scheduler;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    private readonly Dictionary<UserId, Living> _users = [];
    private readonly Dictionary<ConversationId, IActorRef> _liveConversations = [];
    private readonly Batch<Reading> _starting = new();
    private readonly Batch<ConversationId> _participants = new();
    private readonly Batch<(UserId User, DeviceId Device)> _resuming = new();

    /// <summary>Made by <see cref="Props"/>.</summary>
    public LoaderActor(
        IUserStore store,
        IContactDirectory contacts,
        IConversationDirectory conversations,
        ISessionStore sessions,
        IEventStore events,
        NodeStanding standing
    )
    {
        _store = store;
        _contacts = contacts;
        _conversations = conversations;
        _sessions = sessions;
        _eventStore = events;
        _standing = standing;
    }

    /// <summary>One a node.</summary>
    public static Props Props(
        IUserStore store,
        IContactDirectory contacts,
        IConversationDirectory conversations,
        ISessionStore sessions,
        IEventStore events,
        NodeStanding standing
    ) => Akka.Actor.Props.Create(() => new LoaderActor(store, contacts, conversations, sessions, events, standing));

    private TimeSpan _answeredAt;

    private static TimeSpan Clock => NodeClock.Of(Context.System).Elapsed;

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (message is DirectoryChanged news)
        {
            OnMessage(news.Change, new(Sender, news.Number));
        }
        else
        {
            OnMessage(message, new(Sender, null));
        }
    }

    private void OnMessage(object message, ReplyTo replyTo)
    {
        _answeredAt = message is UsersRead or ContactsRead or DevicesRead or ParticipantsRead or EventsRead ? Clock : _answeredAt;
        switch (message)
        {
            case LoadUser load:
                _users[load.UserId] = new(Sender, HasContacts: IsLiving(load.UserId, Sender, out var living) && living.HasContacts);
                _starting.Add([new(load.UserId, load.Viewer, load.Number)], replyTo);
                break;
            case UserUnloaded gone when IsLiving(gone.UserId, gone.Entity, out _):
                _users.Remove(gone.UserId);
                break;
            case UserUnloaded:
                break;
            case ClockWasSet:
                foreach (var user in _users.Values)
                {
                    user.Entity.Tell(message);
                }

                break;
            case LoadSession load:
                _resuming.Add([(load.UserId, load.DeviceId)], replyTo);
                break;
            case SessionsRead read:
                OnSessionsRead(read.Sessions);
                break;
            case SessionsUnread:
                // Who comes back is told everything instead.
                OnSessionsRead([]);
                break;
            case LoadConversation load:
                _liveConversations[load.ConversationId] = Sender;
                _participants.Add([load.ConversationId], replyTo);
                break;
            case ConversationUnloaded gone:
                if (gone.Entity.Equals(_liveConversations.GetValueOrDefault(gone.ConversationId)))
                {
                    _liveConversations.Remove(gone.ConversationId);
                }

                break;
            case ParticipantsChanged changed:
                OnChanged(_participants, changed.Conversations.Where(_liveConversations.ContainsKey).ToArray(), replyTo);
                break;
            case UsersRead read:
                OnUsersRead(read);
                break;
            case UsersUnread unread:
                Unread(unread.Cause, _starting, wanted => wanted.By.ReplyTo!.Value.Asker.Tell(new LoadFailed(wanted.Id.Number)));
                break;
            case ParticipantsRead read:
                OnParticipantsRead(read);
                break;
            case ParticipantsUnread unread:
                Unread(unread.Cause, _participants, OnParticipantsUnread);
                break;
            case PeersDue:
                break;
            case ReadAgain:
                OnReadAgain();
                break;
            default:
                OnContacts(message, replyTo);
                break;
        }

        StartQueries();
        StartEventQuery();
    }

    /// <summary>It would no longer know who lives, and a change in a directory would reach nobody: they stop, and start anew with it.</summary>
    protected override void PreRestart(Exception reason, object message)
    {
        foreach (var user in _users.Values)
        {
            user.Entity.Tell(StopUser.Instance);
        }

        foreach (var conversation in _liveConversations.Values)
        {
            conversation.Tell(StopConversation.Instance);
        }

        base.PreRestart(reason, message);
    }

    private void StartQueries()
    {
        if (_standing.AwaitsPeers)
        {
            Timers.StartSingleTimer(PeersDue.Instance, PeersDue.Instance, LookForPeers);
        }
        else if (_starting.Start(Clock) is { Count: > 0 } starting)
        {
            Query(ReadUsers(starting), cause => new UsersUnread(cause));
        }

        StartContactsQuery();
        StartDevicesQuery();
        if (_resuming.Start(Clock) is { Count: > 0 } resuming)
        {
            Query(
                Read(cancellation => _sessions.Load(resuming, cancellation), found => new SessionsRead(found)),
                cause => new SessionsUnread(cause)
            );
        }

        if (_participants.Start(Clock) is { Count: > 0 } conversations)
        {
            Query(
                Read(cancellation => _conversations.Load(conversations, cancellation), found => new ParticipantsRead(found)),
                cause => new ParticipantsUnread(cause)
            );
        }
    }

    private void Query(Task<ILoaderMessage> query, Func<Exception, ILoaderMessage> failed) =>
        query.PipeTo(Self, success: read => read, failure: failed);

    private async Task<T> InTime<T>(Func<CancellationToken, Task<T>> read)
    {
        // Its timer, where it is not over by then, is of no use to anybody, and ends soon.
        var limit = new Cancelable(_scheduler, QueryLimit);
        return await read(limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
    }

    private async Task<ILoaderMessage> Read<T>(Func<CancellationToken, Task<T>> read, Func<T, ILoaderMessage> found)
    {
        return found(await InTime(read).ConfigureAwait(false));
    }

    private Task<ILoaderMessage> ReadUsers(IReadOnlyCollection<Reading> readings) =>
        Read<UsersRead>(
            async cancellation =>
            {
                var users = readings.Select(reading => reading.User).ToHashSet();
                var pairs = readings.Where(reading => reading.Viewer is not null).Select(reading => (reading.User, reading.Viewer!.Value));
                // Side by side: how long a read takes is not to tell whether somebody's rule asks who is a contact.
                var rows = _store.Load(users, cancellation);
                var contacts = _contacts.Among(pairs.ToHashSet(), cancellation);
                await Task.WhenAll(rows, contacts).ConfigureAwait(false);
                return new(await rows.ConfigureAwait(false), await contacts.ConfigureAwait(false));
            },
            found => found
        );

    private void OnUsersRead(UsersRead read)
    {
        // Of a row only the rule can be long.
        var ruled = read.Rows.Values.Sum(row => (long?)(row.Profile?.Privacy.Blocked.Count + row.Profile?.Privacy.Overrides.Count) ?? 0);
        foreach (var (reading, asked) in _starting.Finish(Clock, large: ruled > ManyRuled))
        {
            var areContacts = reading.Viewer is { } viewer && read.Contacts.Contains((reading.User, viewer));
            asked.ReplyTo!.Value.Asker.Tell(new UserLoaded(read.Rows.GetValueOrDefault(reading.User), areContacts, reading.Number));
        }
    }

    private void OnSessionsRead(IReadOnlyList<Session> sessions)
    {
        var found = sessions.ToDictionary(session => (session.UserId, session.DeviceId));
        foreach (var (id, asked) in _resuming.Finish(Clock))
        {
            asked.ReplyTo!.Value.Asker.Tell(new SessionLoaded(id.User, id.Device, found.GetValueOrDefault(id)));
        }
    }

    private void OnParticipantsRead(ParticipantsRead read)
    {
        _retries = 0;
        foreach (var (id, asked) in _participants.Finish(Clock))
        {
            _liveConversations.GetValueOrDefault(id)?.Tell(new ParticipantsLoaded(SetOf(read.Participants, id)));
            if (asked.IsRead() && asked.ReplyTo is { } asker && !IsEntity(id, asker.Asker))
            {
                asker.Tell(Done.Instance, Self);
            }
        }
    }

    private void OnParticipantsUnread(Batch<ConversationId>.Wanted wanted)
    {
        if (wanted.By.ReplyTo is { } asker && IsEntity(wanted.Id, asker.Asker))
        {
            asker.Asker.Tell(new LoadFailed());
            return;
        }

        _changedConversations.Add(wanted.Id);
        RefuseForNow(wanted.By.IsUnread() ? wanted.By.ReplyTo : null);
    }

    private void Unread<TId>(Exception cause, Batch<TId> batch, Action<Batch<TId>.Wanted> tell)
        where TId : notnull
    {
        var unread = batch.Fail(cause, isReached: Clock - _answeredAt < Reached);
        _log.Warning(
            "The store could not be read: {0}; {1} requests are refused, the next query is of {2} at most",
            cause.Message,
            unread.Count,
            batch.Size
        );
        foreach (var wanted in unread)
        {
            tell(wanted);
        }
    }

    private bool IsEntity(ConversationId id, IActorRef asker) => asker.Equals(_liveConversations.GetValueOrDefault(id));

    private bool IsLiving(UserId user, IActorRef entity, out Living living) =>
        _users.TryGetValue(user, out living) && living.Entity.Equals(entity);

    private static ImmutableHashSet<UserId> SetOf<TId>(IReadOnlyDictionary<TId, IReadOnlyList<UserId>> lists, TId id) =>
        lists.TryGetValue(id, out var list) ? [.. list] : [];

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;
}
