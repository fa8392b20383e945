using Presence.Actors.Users;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Events;
using Presence.Core.Users;

namespace Presence.Actors.Hub;

/// <summary>Which presences a client wants after it connected.</summary>
public enum SnapshotKind
{
    /// <summary>The contacts that are not offline. The default.</summary>
    NotOffline = 0,

    /// <summary>All contacts, with last seen.</summary>
    Full = 1,

    /// <summary>No snapshot.</summary>
    None = 2,
}

/// <summary>A client's connection as the hub sees it. The hub alone calls it, from one thread at a time; nothing here may block or throw.</summary>
public interface IClientConnection
{
    /// <summary>Its name.</summary>
    ConnectionId Id { get; }

    /// <summary>Whose.</summary>
    UserId User { get; }

    /// <summary>Which device of the user; null: it only listens, and makes nobody present.</summary>
    DeviceId? Device { get; }

    /// <summary>What the device told of itself.</summary>
    DeviceInfo Info { get; }

    /// <summary>Which presences it wants at first.</summary>
    SnapshotKind Snapshot { get; }

    /// <summary>When any frame last came from it, as <see cref="TimeProvider.GetTimestamp"/> of the system tells it.</summary>
    long LastHeard { get; }

    /// <summary>The device is attached: the first frame. Nothing is delivered before.</summary>
    void Welcome();

    /// <summary>Presences as this viewer may see them, each an encoded record of <see cref="IPushEncoder.Record"/>; split over as many frames as it takes. Never conflated.</summary>
    void DeliverSnapshot(IReadOnlyList<ReadOnlyMemory<byte>> records);

    /// <summary>A push about a user: of those not yet sent only the latest is.</summary>
    void DeliverPresence(UserId about, ReadOnlyMemory<byte> frame);

    /// <summary>A push about a typist: of those not yet sent, by conversation and typist, only the latest is.</summary>
    void DeliverTyping(ConversationId conversation, UserId typist, ReadOnlyMemory<byte> frame);

    /// <summary>An event from a backend, as <see cref="IPushEncoder.Event"/> encodes it; never conflated.</summary>
    void DeliverEvent(ReadOnlyMemory<byte> frame);

    /// <summary>The answer to a frame of the client's; never conflated.</summary>
    /// <param name="frameId">The client's own id of that frame, or null.</param>
    /// <param name="answer">What it came to.</param>
    void Deliver(string? frameId, IClientAnswer answer);

    /// <summary>What was delivered since the last flush may go out now, in one write.</summary>
    void Flush();

    /// <summary>Close it, for that reason, after what was delivered. It need not tell the hub: the hub has forgotten it.</summary>
    void Close(CloseReason reason);
}

/// <summary>Encodes what many are pushed alike, once.</summary>
public interface IPushEncoder
{
    /// <summary>One record, as it stands in a snapshot.</summary>
    ReadOnlyMemory<byte> Record(PresenceRecord record);

    /// <summary>A <c>presence_update</c>.</summary>
    ReadOnlyMemory<byte> PresenceUpdate(PresenceRecord record, DateTimeOffset at);

    /// <summary>A <c>typing_indicator</c>.</summary>
    ReadOnlyMemory<byte> Typing(ConversationId conversation, UserId typist, bool isTyping, TimeSpan endsIn, DateTimeOffset at);

    /// <summary>An <c>event</c>.</summary>
    ReadOnlyMemory<byte> Event(PostedEvent posted);
}
