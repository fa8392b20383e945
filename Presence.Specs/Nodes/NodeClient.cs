using Akka.Actor;
using Presence.Actors.Hub;
using Presence.Actors.Users;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Events;
using Presence.Core.Identity;
using Presence.Core.Sessions;
using Presence.Core.Users;
using Presence.Specs.World;

namespace Presence.Specs.Nodes;

/// <summary>A client of one of several nodes; the spec looks from another thread than the hub's.</summary>
internal sealed class NodeClient(LocalNode node, UserId user, DeviceId device) : IClientConnection
{
    private readonly Lock _gate = new();
    private readonly List<string> _seen = [];
    private readonly Dictionary<UserId, PresenceRecord> _view = [];
    private readonly List<IClientAnswer> _answers = [];
    private readonly List<string> _events = [];
    private (ulong Contacts, long Session) _known;

    public ConnectionId Id { get; } = ConnectionId.New();

    public UserId User => user;

    public DeviceId? Device => device;

    public DeviceInfo Info { get; } = new(null, null, "web", null);

    public bool? Active => true;

    public SnapshotKind Snapshot => SnapshotKind.NotOffline;

    public ResumeRequest? Resume { get; init; }

    public Grant? Grant { get; init; }

    public long LastHeard => TimeProvider.System.GetTimestamp();

    /// <summary>What was pushed, in words such as <c>bob busy</c> and <c>bob types</c>, and the close; a version that fell, too.</summary>
    public IReadOnlyList<string> Seen => With(() => _seen.ToList());

    public IReadOnlyList<IClientAnswer> Answers => With(() => _answers.ToList());

    /// <summary>The ids of the events that it was given.</summary>
    public IReadOnlyList<string> Events => With(() => _events.ToList());

    public bool IsReady { get; private set; }

    /// <summary>The status of that user as this client knows it.</summary>
    public string StatusOf(string other) => With(() => _view.GetValueOrDefault(new(other))?.OnlineStatus.Token() ?? "offline");

    /// <summary>The version of that user as this client knows it.</summary>
    public long VersionOf(string other) => With(() => _view.GetValueOrDefault(new(other))?.Version ?? 0);

    public void Says(IClientCommand command) => node.Hub.Tell(new ClientAsks(Id, "1", command), ActorRefs.NoSender);

    public void Chooses(OnlineStatus status) => Says(new ChoosePresence(PresenceWorld.Update(status)));

    /// <summary>Whether it was told that it is resumed; null before the welcome.</summary>
    public bool? IsResumed { get; private set; }

    /// <summary>What it comes back with, as a heartbeat would tell it now.</summary>
    public ResumeRequest ComesBack =>
        With(() => new ResumeRequest(Id.Value, new Cursor(node.Seen.Time, _known.Contacts, _known.Session, [])));

    public void Ends() => node.Hub.Tell(new ConnectionEnded(Id, CloseReason.Lost), ActorRefs.NoSender);

    public void Welcome(bool resumed) => With(() => IsResumed = resumed);

    public void Knows(ulong contacts, long session, long toldAlone, long until) => With(() => _known = (contacts, session));

    public void DeliverSnapshot(IReadOnlyList<ReadOnlyMemory<byte>> records, Cursor cursor, ReadOnlyMemory<byte>? self) =>
        With(() =>
        {
            foreach (var record in records)
            {
                Take(node.Frames.Read<PresenceRecord>(record));
            }

            IsReady = true;
        });

    public void DeliverPresence(UserId about, ReadOnlyMemory<byte> frame) =>
        With(() =>
        {
            var record = node.Frames.Read<PresencePush>(frame).Record;
            _seen.Add($"{record.UserId} {record.OnlineStatus.Token()}");
            Take(record);
        });

    public void DeliverTyping(ConversationId conversation, UserId typist, ReadOnlyMemory<byte> frame) =>
        With(() => _seen.Add($"{typist} {(node.Frames.Read<TypingPush>(frame).IsTyping ? "types" : "stopped")}"));

    public void DeliverEvent(ReadOnlyMemory<byte> frame) => With(() => _events.Add(node.Frames.Read<PostedEvent>(frame).Id.Value));

    public void Deliver(string? frameId, IClientAnswer answer) => With(() => _answers.Add(answer));

    public void Flush() { }

    public void Close(CloseReason reason) => With(() => _seen.Add($"close {reason.Code}"));

    public void Sever(CloseReason reason) => Close(reason);

    private void Take(PresenceRecord record)
    {
        if (record.Version > 0 && _view.TryGetValue(record.UserId, out var known) && known.Version > record.Version)
        {
            _seen.Add($"{record.UserId}'s version fell");
        }

        _view[record.UserId] = record;
    }

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
