using Presence.Actors.Hub;
using Presence.Actors.Users;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Events;
using Presence.Core.Identity;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Specs.World;

/// <summary>A client's connection that keeps what it is given, and folds presences as a client does.</summary>
internal sealed class FakeConnection(PresenceWorld world, UserId user, DeviceId? device, SnapshotKind snapshot) : IClientConnection
{
    private readonly List<object> _given = [];
    private bool _welcomed;
    private bool _ready;

    public ConnectionId Id { get; } = ConnectionId.New();

    public UserId User => user;

    public DeviceId? Device => device;

    public DeviceInfo Info { get; init; } = new(null, null, "web", null);

    public SnapshotKind Snapshot => snapshot;

    /// <summary>Whether the person is active, as said with the handshake: specs of something else are not to wait for a first word.</summary>
    public bool? Active { get; init; } = true;

    public ResumeRequest? Resume { get; init; }

    public Grant? Grant { get; set; }

    /// <summary>Whether it was told that it is resumed; null before the welcome.</summary>
    public bool? IsResumed { get; private set; }

    /// <summary>The last cursor that a snapshot brought.</summary>
    public Cursor Cursor { get; private set; }

    /// <summary>What it comes back with after this.</summary>
    public ResumeRequest ComesBack => new(Id.Value, Cursor);

    public long LastHeard { get; set; } = world.Time.GetTimestamp();

    /// <summary>How many bytes wait to be sent to it.</summary>
    public long Waiting { get; set; }

    /// <summary>In order: the words <c>welcome</c> and <c>flush</c>, lists of records, pushes, answers, and the reason it was closed for.</summary>
    public IReadOnlyList<object> Given => _given;

    /// <summary>What the client knows of each user, the larger version kept.</summary>
    public Dictionary<UserId, PresenceRecord> View { get; } = [];

    public bool IsWelcomed => _welcomed;

    public CloseReason? Closed { get; private set; }

    public IReadOnlyList<IReadOnlyList<PresenceRecord>> Snapshots => [.. _given.OfType<IReadOnlyList<PresenceRecord>>()];

    public IReadOnlyList<PresenceRecord> Pushes => [.. _given.OfType<PresencePush>().Select(push => push.Record)];

    public IReadOnlyList<TypingPush> Typing => [.. _given.OfType<TypingPush>()];

    /// <summary>The ids of the events.</summary>
    public IReadOnlyList<string> Events => [.. _given.OfType<PostedEvent>().Select(posted => posted.Id.Value)];

    public IReadOnlyList<(string? Id, IClientAnswer Answer)> Answers => [.. _given.OfType<(string?, IClientAnswer)>()];

    /// <summary>The frames as words, for their order.</summary>
    public IReadOnlyList<string> Words =>
        [
            .. _given.Select(given =>
                given switch
                {
                    string word => word,
                    IReadOnlyList<PresenceRecord> => "snapshot",
                    PresencePush push => $"{push.Record.UserId} {push.Record.OnlineStatus.Token()}",
                    TypingPush push => $"{push.Typist} {(push.IsTyping ? "types" : "stopped")}",
                    PostedEvent posted => $"event {posted.Id}",
                    (string or null, IClientAnswer answer) => answer.GetType().Name,
                    CloseReason reason => $"close {reason.Code}",
                    _ => given.ToString()!,
                }
            ),
        ];

    /// <summary>The client says something.</summary>
    public void Says(IClientCommand command, string? frameId = "1") =>
        world.Hub.Tell(new ClientAsks(Id, frameId, command), Akka.Actor.ActorRefs.NoSender);

    /// <summary>The client is gone.</summary>
    public void Ends(CloseReason? reason = null) =>
        world.Hub.Tell(new ConnectionEnded(Id, reason ?? CloseReason.Lost), Akka.Actor.ActorRefs.NoSender);

    /// <summary>The client unsubscribed, and knows nothing of that user any more.</summary>
    public void Forget(UserId user) => View.Remove(user);

    public void ForgetGiven() => _given.Clear();

    public void Welcome(bool resumed)
    {
        IsResumed = resumed;
        Give("welcome");
    }

    public void Knows(ulong contacts, long session, long toldAlone, long until) =>
        (Contacts, Session, ToldAlone, KnownUntil) = (contacts, session, toldAlone, until);

    /// <summary>A cursor as a heartbeat would bring it.</summary>
    public Cursor CursorNow => new Cursor(Math.Min(world.SeenUntil.Time, KnownUntil), Contacts, Session, []).After(ToldAlone);

    private ulong Contacts { get; set; }

    private long Session { get; set; }

    private long ToldAlone { get; set; }

    private long KnownUntil { get; set; } = long.MaxValue;

    /// <summary>The owner's view that each snapshot brought, or null.</summary>
    public List<PresenceRecord?> Selves { get; } = [];

    public void DeliverSnapshot(IReadOnlyList<ReadOnlyMemory<byte>> records, Cursor cursor, ReadOnlyMemory<byte>? self)
    {
        Cursor = cursor;
        var own = self is { } record ? world.Frames.Read<PresenceRecord>(record) : null;
        Selves.Add(own);
        if (own is not null)
        {
            Take(own);
        }

        var read = records.Select(world.Frames.Read<PresenceRecord>).ToList();
        Give((IReadOnlyList<PresenceRecord>)read);
        read.ForEach(Take);
    }

    public void DeliverPresence(UserId about, ReadOnlyMemory<byte> frame)
    {
        var push = world.Frames.Read<PresencePush>(frame);
        push.Record.UserId.ShouldBe(about);
        Give(push);
        Take(push.Record);
    }

    public void DeliverTyping(ConversationId conversation, UserId typist, ReadOnlyMemory<byte> frame) =>
        Give(world.Frames.Read<TypingPush>(frame));

    public void DeliverEvent(ReadOnlyMemory<byte> frame) => Give(world.Frames.Read<PostedEvent>(frame));

    public void Deliver(string? frameId, IClientAnswer answer) => Give((frameId, answer));

    public void Flush() => _given.Add("flush");

    public void Close(CloseReason reason)
    {
        Give(reason);
        Closed = reason;
    }

    public void Sever(CloseReason reason) => Close(reason);

    private void Give(object given)
    {
        Closed.ShouldBeNull("nothing comes after the close");
        (given is "welcome" or CloseReason || _welcomed).ShouldBeTrue("the welcome comes first");
        (given is "welcome" or CloseReason or IReadOnlyList<PresenceRecord> || _ready).ShouldBeTrue("the first snapshot comes next");
        _welcomed |= given is "welcome";
        _ready |= given is IReadOnlyList<PresenceRecord> || (_welcomed && snapshot == SnapshotKind.None);
        _given.Add(given);
    }

    /// <summary>What a viewer may not see reads version 0, and what is out of reach too; all else never goes back.</summary>
    private void Take(PresenceRecord record)
    {
        var known = View.GetValueOrDefault(record.UserId);
        (record.Version == 0 || known is null || record.Version >= known.Version).ShouldBeTrue($"the version fell: {known}, then {record}");
        if (known is null || record.Version >= known.Version)
        {
            View[record.UserId] = record;
        }
    }
}
