using Presence.Core.Cluster;
using Presence.Core.Contacts;
using Presence.Core.Conversations;
using Presence.Core.Events;
using Presence.Core.Sessions;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Nodes;

/// <summary>The one store behind all nodes of a spec: those in memory, one call at a time.</summary>
internal sealed class SharedStores
    : IUserStore,
        ISessionStore,
        IEventStore,
        INodeFence,
        IContactDirectory,
        IConversationDirectory,
        IUserArchive,
        IJournalCutter
{
    private readonly Lock _gate = new();
    private readonly StoreInMemory _users;
    private readonly SessionsInMemory _sessions = new();
    private readonly EventsInMemory _events = new();
    private readonly ContactsInMemory _contacts = new();
    private readonly ParticipantsInMemory _participants = new();
    private readonly List<string> _shutOut = [];

    public SharedStores() => _users = new(Journal);

    public ClockMarkInMemory ClockMark { get; } = new();

    public RevocationsInMemory Revocations { get; } = new();

    public JournalInMemory Journal { get; } = new(system: null);

    /// <summary>The reach of the directory of contacts.</summary>
    public Gate Contacts => _contacts.Gate;

    /// <summary>The names of the nodes that may write no more.</summary>
    public IReadOnlyList<string> AreShutOut => With(() => _shutOut.ToList());

    /// <summary>Whether it is stored that the user is connected.</summary>
    public bool KnowsConnected(string user) => With(() => _users.LastSeen.GetValueOrDefault(new(user))?.Connected == true);

    /// <summary>Whether anything is stored of the user.</summary>
    public bool Knows(string user) =>
        With(() =>
            _users.LastSeen.ContainsKey(new(user))
            || _users.Profiles.ContainsKey(new(user))
            || _users.Known.Keys.Any(key => key.User.Value == user)
            || Journal.SequenceOf(new(user)) > 0
        );

    public void Pair(string one, string other) => With(() => _contacts.Pair(new(one), new(other)));

    public void Participants(string conversation, params string[] users) =>
        With(() => _participants.Set(new(conversation), [.. users.Select(user => new UserId(user))]));

    Task<bool> IJournalCutter.CutNext(CancellationToken cancellation) => Task.FromResult(false);

    Task<KeptOfUser> IUserArchive.Export(UserId user, CancellationToken cancellation) =>
        throw new NotSupportedException("actors only erase");

    Task<ErasedFrom> IUserArchive.Erase(UserId user, CancellationToken cancellation) =>
        With(() =>
        {
            var contacts = _contacts.Of(user).ToList();
            contacts.ForEach(contact => _contacts.Part(user, contact));
            Journal.Erase(user);
            _users.Erase(user);
            _events.Erase(user);
            _sessions.Erase(user);
            return Task.FromResult(new ErasedFrom(contacts, _participants.Erase(user)));
        });

    Task INodeFence.ShutOut(IReadOnlyCollection<string> nodes, CancellationToken cancellation) =>
        With(() =>
        {
            _shutOut.AddRange(nodes);
            return Task.CompletedTask;
        });

    Task<IReadOnlyDictionary<UserId, UserRow>> IUserStore.Load(IReadOnlyCollection<UserId> users, CancellationToken cancellation) =>
        With(() => _users.Load(users, cancellation));

    Task IUserStore.Save(UserWrites writes, CancellationToken cancellation) => With(() => _users.Save(writes, cancellation));

    Task<IReadOnlyList<DeviceRow>> IUserStore.Devices(UserId user, CancellationToken cancellation) =>
        With(() => _users.Devices(user, cancellation));

    Task<IReadOnlyList<DeviceRow>> IUserStore.Devices(IReadOnlyCollection<UserId> users, CancellationToken cancellation) =>
        With(() => _users.Devices(users, cancellation));

    Task<bool> IUserStore.ForgetDevice(UserId user, DeviceId device, CancellationToken cancellation) =>
        With(() => _users.ForgetDevice(user, device, cancellation));

    Task<IReadOnlyList<Session>> ISessionStore.Load(
        IReadOnlyCollection<(UserId User, DeviceId Device)> devices,
        CancellationToken cancellation
    ) => With(() => _sessions.Load(devices, cancellation));

    Task ISessionStore.Save(IReadOnlyCollection<SessionChange> changes, CancellationToken cancellation) =>
        With(() => _sessions.Save(changes, cancellation));

    Task<bool> ISessionStore.ForgetBefore(DateTimeOffset time, CancellationToken cancellation) =>
        With(() => _sessions.ForgetBefore(time, cancellation));

    Task<int> IEventStore.Append(PostedEvent posted, IReadOnlyCollection<UserId> recipients, int keep, CancellationToken cancellation) =>
        With(() => _events.Append(posted, recipients, keep, cancellation));

    Task<IReadOnlyDictionary<UserId, IReadOnlyList<WaitingEvent>>> IEventStore.Waiting(
        IReadOnlyCollection<UserId> users,
        DateTimeOffset now,
        int wholeBytes,
        CancellationToken cancellation
    ) => With(() => _events.Waiting(users, now, wholeBytes, cancellation));

    Task<IReadOnlyDictionary<UserId, IReadOnlyList<PostedEvent>>> IEventStore.Load(
        IReadOnlyCollection<EventAcknowledgement> events,
        CancellationToken cancellation
    ) => With(() => _events.Load(events, cancellation));

    Task IEventStore.Acknowledge(IReadOnlyCollection<EventAcknowledgement> acknowledgements, CancellationToken cancellation) =>
        With(() => _events.Acknowledge(acknowledgements, cancellation));

    Task<bool> IEventStore.ForgetExpired(DateTimeOffset now, CancellationToken cancellation) =>
        With(() => _events.ForgetExpired(now, cancellation));

    Task<IReadOnlyDictionary<UserId, IReadOnlyList<UserId>>> IContactDirectory.Load(
        IReadOnlyCollection<UserId> users,
        CancellationToken cancellation
    ) => With(() => _contacts.Load(users, cancellation));

    Task<ContactsPart> IContactDirectory.LoadPart(IReadOnlyList<UserId> users, UserId? after, int most, CancellationToken cancellation) =>
        With(() => _contacts.LoadPart(users, after, most, cancellation));

    Task<IReadOnlySet<(UserId User, UserId Other)>> IContactDirectory.Among(
        IReadOnlyCollection<(UserId User, UserId Other)> pairs,
        CancellationToken cancellation
    ) => With(() => _contacts.Among(pairs, cancellation));

    Task<IReadOnlyCollection<UserId>> IContactDirectory.Replace(IReadOnlyCollection<ContactList> lists, CancellationToken cancellation) =>
        _contacts.Replace(lists, cancellation);

    Task<IReadOnlyCollection<UserId>> IContactDirectory.Add(UserId user, UserId contact, CancellationToken cancellation) =>
        _contacts.Add(user, contact, cancellation);

    Task<IReadOnlyCollection<UserId>> IContactDirectory.Remove(UserId user, UserId contact, CancellationToken cancellation) =>
        _contacts.Remove(user, contact, cancellation);

    Task<IReadOnlyDictionary<ConversationId, IReadOnlyList<UserId>>> IConversationDirectory.Load(
        IReadOnlyCollection<ConversationId> conversations,
        CancellationToken cancellation
    ) => With(() => _participants.Load(conversations, cancellation));

    Task<IReadOnlyCollection<ConversationId>> IConversationDirectory.Replace(
        IReadOnlyCollection<ParticipantList> lists,
        CancellationToken cancellation
    ) => _participants.Replace(lists, cancellation);

    Task<IReadOnlyCollection<ConversationId>> IConversationDirectory.Add(
        ConversationId conversation,
        UserId user,
        CancellationToken cancellation
    ) => _participants.Add(conversation, user, cancellation);

    Task<IReadOnlyCollection<ConversationId>> IConversationDirectory.Remove(
        ConversationId conversation,
        UserId user,
        CancellationToken cancellation
    ) => _participants.Remove(conversation, user, cancellation);

    private T With<T>(Func<T> act)
    {
        lock (_gate)
        {
            return act();
        }
    }

    private void With(Action act)
    {
        lock (_gate)
        {
            act();
        }
    }
}
