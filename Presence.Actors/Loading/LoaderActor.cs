using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Presence.Actors.Conversations;
using Presence.Actors.Users;
using Presence.Core.Contacts;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Events;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Actors.Loading;

/// <summary>Owns the reading of a node: what its entities need when they start, many of them in one query, and again when a directory was changed.</summary>
/// <remarks>It knows which entities live on its node, so that a change in a directory wakes nobody. A query that fails is told to who waits; what was changed and could not be read is read again until it can.</remarks>
public sealed partial class LoaderActor : UntypedActor, IWithTimers
{
    /// <summary>How long a query may take: under the 2 s within which a client is told that the store is out of reach.</summary>
    private static readonly TimeSpan QueryLimit = TimeSpan.FromSeconds(1.5);

    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private sealed record UsersRead(IReadOnlyDictionary<UserId, UserRow> Rows, IReadOnlyDictionary<UserId, IReadOnlyList<UserId>> Contacts)
        : ILoaderMessage;

    private sealed record UsersUnread(Exception Cause) : ILoaderMessage;

    private sealed record ContactsRead(IReadOnlyDictionary<UserId, IReadOnlyList<UserId>> Contacts) : ILoaderMessage;

    private sealed record ContactsUnread(Exception Cause) : ILoaderMessage;

    private sealed record SessionsRead(IReadOnlyList<Session> Sessions) : ILoaderMessage;

    private sealed record SessionsUnread(Exception Cause) : ILoaderMessage;

    private sealed record ParticipantsRead(IReadOnlyDictionary<ConversationId, IReadOnlyList<UserId>> Participants) : ILoaderMessage;

    private sealed record ParticipantsUnread(Exception Cause) : ILoaderMessage;

    private readonly IUserStore _store;
    private readonly IContactDirectory _contacts;
    private readonly IConversationDirectory _conversations;
    private readonly ISessionStore _sessions;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    private readonly Dictionary<UserId, IActorRef> _users = [];
    private readonly Dictionary<ConversationId, IActorRef> _liveConversations = [];
    private readonly Batch<UserId> _starting = new();
    private readonly Batch<UserId> _changedContacts = new();
    private readonly Batch<ConversationId> _participants = new();
    private readonly Batch<(UserId User, DeviceId Device)> _resuming = new();

    /// <summary>Made by <see cref="Props"/>.</summary>
    public LoaderActor(
        IUserStore store,
        IContactDirectory contacts,
        IConversationDirectory conversations,
        ISessionStore sessions,
        IEventStore events
    )
    {
        _store = store;
        _contacts = contacts;
        _conversations = conversations;
        _sessions = sessions;
        _eventStore = events;
    }

    /// <summary>One a node.</summary>
    public static Props Props(
        IUserStore store,
        IContactDirectory contacts,
        IConversationDirectory conversations,
        ISessionStore sessions,
        IEventStore events
    ) => Akka.Actor.Props.Create(() => new LoaderActor(store, contacts, conversations, sessions, events));

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
        switch (message)
        {
            case LoadUser load:
                _users[load.UserId] = Sender;
                _starting.Add([load.UserId], replyTo);
                break;
            case UserUnloaded gone:
                Forget(_users, gone.UserId, gone.Entity);
                break;
            case ClockWasSet:
                foreach (var user in _users.Values)
                {
                    user.Tell(message);
                }

                break;
            case ContactsChanged changed:
                OnChanged(_changedContacts, changed.Users.Where(_users.ContainsKey).ToArray(), replyTo);
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
                Forget(_liveConversations, gone.ConversationId, gone.Entity);
                break;
            case ParticipantsChanged changed:
                OnChanged(_participants, changed.Conversations.Where(_liveConversations.ContainsKey).ToArray(), replyTo);
                break;
            case UsersRead read:
                OnUsersRead(read);
                break;
            case UsersUnread unread:
                // With the store out of reach the next query would take as long, and who waits for it has waited for this one already.
                var waited = unread.Cause is StoreUnavailableException ? _starting.FinishAll() : _starting.Finish();
                Unread(unread.Cause, waited, entry => entry.ReplyTo.Asker.Tell(LoadFailed.Instance));
                break;
            case ContactsRead read:
                OnContactsRead(read);
                break;
            case ContactsUnread unread:
                Unread(unread.Cause, _changedContacts.Finish(), entry => ReadAgain(entry, new ContactsChanged(entry.Ids)));
                break;
            case ParticipantsRead read:
                OnParticipantsRead(read);
                break;
            case ParticipantsUnread unread:
                Unread(unread.Cause, _participants.Finish(), OnParticipantsUnread);
                break;
            default:
                OnEvents(message, replyTo);
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
            user.Tell(StopUser.Instance);
        }

        foreach (var conversation in _liveConversations.Values)
        {
            conversation.Tell(StopConversation.Instance);
        }

        base.PreRestart(reason, message);
    }

    private void StartQueries()
    {
        if (_starting.Start() is { Count: > 0 } starting)
        {
            Query(ReadUsers(starting), cause => new UsersUnread(cause));
        }

        if (_changedContacts.Start() is { Count: > 0 } changed)
        {
            Query(
                Read(cancellation => _contacts.Load(changed, cancellation), found => new ContactsRead(found)),
                cause => new ContactsUnread(cause)
            );
        }

        if (_resuming.Start() is { Count: > 0 } resuming)
        {
            Query(
                Read(cancellation => _sessions.Load(resuming, cancellation), found => new SessionsRead(found)),
                cause => new SessionsUnread(cause)
            );
        }

        if (_participants.Start() is { Count: > 0 } conversations)
        {
            Query(
                Read(cancellation => _conversations.Load(conversations, cancellation), found => new ParticipantsRead(found)),
                cause => new ParticipantsUnread(cause)
            );
        }
    }

    private void Query(Task<ILoaderMessage> query, Func<Exception, ILoaderMessage> failed) =>
        query.PipeTo(Self, success: read => read, failure: failed);

    private static async Task<ILoaderMessage> Read<T>(Func<CancellationToken, Task<T>> read, Func<T, ILoaderMessage> found)
    {
        using var limit = new CancellationTokenSource(QueryLimit);
        return found(await read(limit.Token).WaitAsync(limit.Token).ConfigureAwait(false));
    }

    private Task<ILoaderMessage> ReadUsers(IReadOnlyCollection<UserId> users) =>
        Read<UsersRead>(
            async cancellation =>
            {
                var rows = _store.Load(users, cancellation);
                var contacts = _contacts.Load(users, cancellation);
                await Task.WhenAll(rows, contacts).ConfigureAwait(false);
                return new(await rows.ConfigureAwait(false), await contacts.ConfigureAwait(false));
            },
            found => found
        );

    private void OnChanged<TId>(Batch<TId> batch, IReadOnlyCollection<TId> living, ReplyTo replyTo)
        where TId : notnull
    {
        if (living.Count == 0)
        {
            replyTo.Tell(Done.Instance, Self);
        }
        else
        {
            batch.Add(living, replyTo);
        }
    }

    private void OnUsersRead(UsersRead read)
    {
        foreach (var (ids, replyTo) in _starting.Finish())
        {
            foreach (var id in ids)
            {
                replyTo.Asker.Tell(new UserLoaded(read.Rows.GetValueOrDefault(id), SetOf(read.Contacts, id)));
            }
        }
    }

    private void OnContactsRead(ContactsRead read)
    {
        foreach (var (ids, replyTo) in _changedContacts.Finish())
        {
            foreach (var id in ids)
            {
                _users.GetValueOrDefault(id)?.Tell(new ContactsLoaded(SetOf(read.Contacts, id)));
            }

            replyTo.Tell(Done.Instance, Self);
        }
    }

    private void OnSessionsRead(IReadOnlyList<Session> sessions)
    {
        var found = sessions.ToDictionary(session => (session.UserId, session.DeviceId));
        foreach (var (ids, replyTo) in _resuming.Finish())
        {
            foreach (var id in ids)
            {
                replyTo.Asker.Tell(new SessionLoaded(id.User, id.Device, found.GetValueOrDefault(id)));
            }
        }
    }

    private void OnParticipantsRead(ParticipantsRead read)
    {
        foreach (var (ids, replyTo) in _participants.Finish())
        {
            foreach (var id in ids)
            {
                _liveConversations.GetValueOrDefault(id)?.Tell(new ParticipantsLoaded(SetOf(read.Participants, id)));
            }

            if (!IsEntity(ids, replyTo.Asker))
            {
                replyTo.Tell(Done.Instance, Self);
            }
        }
    }

    private void OnParticipantsUnread(Batch<ConversationId>.Entry entry)
    {
        if (IsEntity(entry.Ids, entry.ReplyTo.Asker))
        {
            entry.ReplyTo.Asker.Tell(LoadFailed.Instance);
        }
        else
        {
            ReadAgain(entry, new ParticipantsChanged(entry.Ids));
        }
    }

    /// <summary>The directory has the change already: who asked is told that it may not show yet, and it is read until it does.</summary>
    private void ReadAgain<TId>(Batch<TId>.Entry entry, IWireMessage changed)
        where TId : notnull
    {
        entry.ReplyTo.Tell(new Refused(Refusal.Unavailable), Self);
        Timers.StartSingleTimer(changed, changed, RetryPause, ActorRefs.NoSender);
    }

    private void Unread<TId>(Exception cause, IReadOnlyList<Batch<TId>.Entry> entries, Action<Batch<TId>.Entry> tell)
        where TId : notnull
    {
        _log.Warning("The store could not be read for {0} requests: {1}", entries.Count, cause.Message);
        foreach (var entry in entries)
        {
            tell(entry);
        }
    }

    private bool IsEntity(IReadOnlyCollection<ConversationId> ids, IActorRef asker) =>
        ids.Count == 1 && asker.Equals(_liveConversations.GetValueOrDefault(ids.First()));

    private static void Forget<TId>(Dictionary<TId, IActorRef> living, TId id, IActorRef entity)
        where TId : notnull
    {
        if (entity.Equals(living.GetValueOrDefault(id)))
        {
            living.Remove(id);
        }
    }

    private static ImmutableHashSet<UserId> SetOf<TId>(IReadOnlyDictionary<TId, IReadOnlyList<UserId>> lists, TId id) =>
        lists.TryGetValue(id, out var list) ? [.. list] : [];

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;
}
