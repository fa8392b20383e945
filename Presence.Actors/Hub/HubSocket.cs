using System.Collections.Immutable;
using Akka.Actor;
using Presence.Core.Conversations;
using Presence.Core.Events;
using Presence.Core.Identity;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Actors.Hub;

/// <summary>A user with sockets on this node.</summary>
/// <param name="id">Who.</param>
/// <param name="defaults">A number for what holds for who has chosen nothing: another one where the server was told otherwise meanwhile.</param>
internal sealed class LocalUser(UserId id, ulong defaults = 0)
{
    private ulong _contactsHash;
    private ulong _blockedHash;

    /// <summary>Who.</summary>
    public UserId Id { get; } = id;

    /// <summary>Its sockets here, one a device.</summary>
    public List<HubSocket> Sockets { get; } = [];

    /// <summary>Its entity, once it has answered; death-watched.</summary>
    public IActorRef? Entity { get; set; }

    /// <summary>Its contacts.</summary>
    public IReadOnlySet<UserId> Contacts
    {
        get;
        set => (field, _contactsHash) = (value, Cursor.HashOf(value));
    } = new HashSet<UserId>();

    /// <summary>Whom the user blocks, and so sees nothing of.</summary>
    public ImmutableHashSet<UserId> Blocked
    {
        get;
        set => (field, _blockedHash) = (value, Cursor.HashOfBlocked(value));
    } = [];

    /// <summary>Of whom the user may see something, as cursors name it: who comes back with another number is told everything.</summary>
    public ulong ContactsHash => _contactsHash + _blockedHash + defaults;

    /// <summary>What all its sockets here subscribe to and watch, in bytes.</summary>
    public long WatchedBytes { get; set; }

    /// <summary>Of the entity that was heard of last.</summary>
    public long Epoch { get; set; }

    /// <summary>The owner's view, as the entity told it last.</summary>
    public PresenceRecord Own { get; set; } = PresenceRecord.Unknown(id);
}

/// <summary>A socket of this node as the hub keeps it.</summary>
internal sealed class HubSocket(IClientConnection connection, LocalUser user, DateTimeOffset openedAt, TimeSpan openedSince)
{
    /// <summary>The most deliveries kept back until the first snapshot is out; what is over that closes the socket.</summary>
    public const int MaxDeferred = 1_000;

    /// <summary>How far the shared clocks of two nodes may be apart: what was posted so shortly before a connect counts as posted after it.</summary>
    private static readonly TimeSpan ClockSlack = TimeSpan.FromSeconds(2);

    private List<Action>? _deferred = [];
    private GivenEvents? _given;

    /// <summary>The connection itself.</summary>
    public IClientConnection Connection { get; } = connection;

    /// <summary>Whose.</summary>
    public LocalUser User { get; } = user;

    /// <summary>The owner's view as this client knows it; null: it was told none.</summary>
    public PresenceRecord? Own { get; set; }

    /// <summary>When it was opened, by the clock that all nodes share.</summary>
    public DateTimeOffset OpenedAt { get; } = openedAt;

    /// <summary>The same by the clock of this node that nobody sets.</summary>
    public TimeSpan OpenedSince { get; } = openedSince;

    /// <summary>Whether an entity has ever attached it.</summary>
    public bool WasAttached { get; set; }

    /// <summary>What it comes back with, until that is taken or refused.</summary>
    public Resuming? Resuming { get; set; } = connection.Resume is { } resume ? new(resume, connection.Device is not null) : null;

    /// <summary>Grows with each change of what belongs to the socket; 0: it has never subscribed, nor watched a conversation.</summary>
    public long Session { get; set; }

    /// <summary>What was last given to the writer of what belongs to the socket; null: nothing of it.</summary>
    public SessionMark? Stored { get; set; }

    /// <summary>What it subscribes to and watches, in bytes.</summary>
    public long WatchedBytes { get; private set; }

    /// <summary>It subscribes to, or watches, that much more; less, where that is negative.</summary>
    public void Weigh(long bytes)
    {
        WatchedBytes += bytes;
        User.WatchedBytes += bytes;
    }

    /// <summary>Whether the first frame is out.</summary>
    public bool Welcomed { get; set; }

    /// <summary>Whether it took up an earlier socket.</summary>
    public bool CameBack { get; set; }

    /// <summary>When its entity was first asked to attach it, while it has not answered; else null.</summary>
    public TimeSpan? AttachingSince { get; set; }

    /// <summary>When its entity was last asked.</summary>
    public TimeSpan AskedAt { get; set; }

    /// <summary>When its entity is asked again.</summary>
    public Retry Retry { get; } = new();

    /// <summary>The snapshot that comes right after the first frame, while it waits.</summary>
    public PendingSnapshot? First { get; set; }

    /// <summary>Whether the person is active there, as last told.</summary>
    public bool Active { get; set; } = connection.Active ?? true;

    /// <summary>When the entity was last told that the device lives; a time of the system's timestamps.</summary>
    public long ToldHeard { get; set; } = connection.LastHeard;

    /// <summary>How many of those whom it watches are not known here yet, or not for sure: it may not have been told of them what its cursors would say that it has.</summary>
    public int Unknown { get; set; }

    /// <summary>The set of contacts that its cursors name; while one is unknown no set at all, so that who comes back meanwhile is told everything.</summary>
    public ulong KnownContacts => Unknown == 0 ? User.ContactsHash : ~User.ContactsHash;

    /// <summary>Users it subscribed to, contacts aside.</summary>
    public HashSet<UserId> Subscriptions { get; } = [];

    /// <summary>What it asked for and was not answered yet.</summary>
    public int OpenQuestions { get; set; }

    /// <summary>Conversations it watches.</summary>
    public HashSet<ConversationId> Conversations { get; } = [];

    /// <summary>Who it was told that types; null while it never was.</summary>
    public ShownTyping? Typing { get; set; }

    /// <summary>What the client's token grants whose end it was told; null: of none.</summary>
    public Grant? ToldToExpire { get; set; }

    /// <summary>Versions that this viewer alone was told, since it lost and regained sight by a change of contacts: what follows must be above them.</summary>
    public Dictionary<UserId, long> Floors { get; } = [];

    /// <summary>The highest version that this viewer alone was told, over the connections that it resumes.</summary>
    public long ToldAlone { get; set; }

    /// <summary>Whether that is the floor of everybody: it was told of many alone in a snapshot, and is spared an entry for each.</summary>
    public bool ToldManyAlone { get; set; }

    /// <summary>Since when its client may have missed an event that is not durable, by the clock that all nodes share: the connect, or, where it comes back, what it last knew.</summary>
    public required DateTimeOffset EventsSince { get; set; }

    /// <summary>Whether its entity has not said yet that it was given all events that waited for it.</summary>
    public bool AwaitsEvents { get; set; }

    /// <summary>Its cursors are not ahead of that, in microseconds since 1970: an event of later, which is not durable, would be lost if the connection broke before it came.</summary>
    public long KnownUntil => AwaitsEvents ? Versions.Of(EventsSince) : long.MaxValue;

    /// <summary>Whether something was delivered and not flushed.</summary>
    public bool Touched { get; set; }

    /// <summary>Whether the first snapshot is out.</summary>
    public bool Ready => _deferred is null;

    /// <summary>Whether the event is to be given to it, which is noted: each at most once, and one that is not durable only if it was posted while the client was there. Such a one is kept for the resume window, by the clock that all nodes share: so its end says when it was posted, whatever wall clock wrote the time that people see.</summary>
    public bool TakesEvent(PostedEvent posted, TimeSpan resumeWindow, int keep) =>
        (posted.Durable || posted.ExpiresAt - resumeWindow >= EventsSince - ClockSlack) && (_given ??= new(keep)).Add(posted);

    /// <summary>Delivers at once, or after the first snapshot, which comes before everything; false where too much waits for it.</summary>
    public bool WhenReady(Action deliver)
    {
        if (_deferred is null)
        {
            deliver();
            return true;
        }

        _deferred.Add(deliver);
        return _deferred.Count <= MaxDeferred;
    }

    /// <summary>When the first snapshot was out; a time of the system's timestamps.</summary>
    public long ReadyAt { get; private set; }

    /// <summary>The first snapshot is out.</summary>
    public void BecomeReady(long now)
    {
        ReadyAt = now;
        var deferred = _deferred;
        _deferred = null;
        deferred?.ForEach(deliver => deliver());
    }
}

/// <summary>A snapshot that waits until all whom it names are known, or its time is over.</summary>
internal sealed class PendingSnapshot(HubSocket socket, IReadOnlyCollection<UserId> users, SnapshotKind kind, bool first, TimeSpan deadline)
{
    /// <summary>For whom.</summary>
    public HubSocket Socket { get; } = socket;

    /// <summary>Of whom; the first: of those who are contacts by then, and whom a client that comes back had subscribed to.</summary>
    public IReadOnlyCollection<UserId> Users =>
        !First ? users
        : Socket.Subscriptions.Count == 0 ? Socket.User.Contacts
        : [.. Socket.User.Contacts.Union(Socket.Subscriptions)];

    /// <summary>Whether it names the offline too.</summary>
    public SnapshotKind Kind { get; } = kind;

    /// <summary>Whether it is the one that comes right after the first frame.</summary>
    public bool First { get; } = first;

    /// <summary>When it is sent anyway, who is not known then as <c>unknown</c>.</summary>
    public TimeSpan Deadline { get; } = deadline;

    /// <summary>How many are not known yet.</summary>
    public int Missing { get; set; }

    /// <summary>Whether it waits for those who are not known, as a question of its socket.</summary>
    public bool Waits { get; set; }

    /// <summary>Whether it was sent.</summary>
    public bool Sent { get; set; }
}

/// <summary>A client that comes back, while it is made out whether it can be told what it missed and no more.</summary>
internal sealed class Resuming(ResumeRequest request, bool ofDevice)
{
    /// <summary>What it brought.</summary>
    public ResumeRequest Request { get; } = request;

    /// <summary>Whether its session is being read: also where the cursor knows of none, since it may be older than a subscription.</summary>
    public bool AwaitsSession { get; set; } = ofDevice;

    /// <summary>Its session as it was stored; null where there is none.</summary>
    public Session? Session { get; set; }

    /// <summary>Whether it subscribed after its cursor: it may have been told nothing of those.</summary>
    public bool SubscribedSince { get; set; }

    /// <summary>Whether it is sure by now that it can't.</summary>
    public bool Refused { get; set; }
}
