using Presence.Actors.Users;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Events;
using Presence.Core.Identity;
using Presence.Core.Sessions;
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

    /// <summary>Whether the person is active there, as the client said when it connected; null: it did not say.</summary>
    bool? Active => null;

    /// <summary>Which presences it wants at first.</summary>
    SnapshotKind Snapshot { get; }

    /// <summary>What it comes back with; null: it is new, or what it brought can't be read.</summary>
    ResumeRequest? Resume { get; }

    /// <summary>What the token grants by which it was opened, or the one that it brought since; null: it came by none, and has no end.</summary>
    Grant? Grant => null;

    /// <summary>When any frame last came from it, as <see cref="TimeProvider.GetTimestamp"/> of the system tells it.</summary>
    long LastHeard { get; }

    /// <summary>How many bytes wait to be sent.</summary>
    long Waiting => 0;

    /// <summary>The device is attached: the first frame. Nothing is delivered before.</summary>
    /// <param name="resumed">Whether what it missed, and no more, is told next.</param>
    void Welcome(bool resumed);

    /// <summary>From now on its cursors name that set of contacts, that session and that <see cref="Cursor.ToldAlone"/>. Time goes on by itself, see <see cref="SeenUntil"/>, but not beyond the given one.</summary>
    void Knows(ulong contacts, long session, long toldAlone, long until);

    /// <summary>Presences as this viewer may see them, each an encoded record of <see cref="IPushEncoder.Record"/>; split over as many frames as it takes. Never conflated.</summary>
    /// <param name="records">The records.</param>
    /// <param name="cursor">What the client has seen with them.</param>
    /// <param name="self">The owner's view, encoded as the records are, for the first snapshot of a connection; null: another one.</param>
    void DeliverSnapshot(IReadOnlyList<ReadOnlyMemory<byte>> records, Cursor cursor, ReadOnlyMemory<byte>? self);

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

    /// <summary>Close it, without what was delivered and is not sent: this node may not be believed. It need not tell the hub.</summary>
    void Sever(CloseReason reason);
}

/// <summary>What a client comes back with.</summary>
/// <param name="Connection">Its earlier connection, as the resume token proves; null: it brings only the cursor, on a channel that has no token.</param>
/// <param name="Cursor">The last cursor that it was told.</param>
/// <param name="Events">The events that it has, on a channel where it can't acknowledge them one by one.</param>
public sealed record ResumeRequest(Guid? Connection, Cursor Cursor, EventsHad Events = default);

/// <summary>Until when the hub of this node has put every change that it watches into the sockets' outboxes: in microseconds since 1970. Written by the hub, held back by the courier, read by connections.</summary>
public sealed class SeenUntil
{
    private readonly Lock _gate = new();
    private long _time;
    private long _lines;

    /// <summary>The time; never goes back.</summary>
    public long Time => Volatile.Read(ref _time);

    /// <summary>Another node came. The time stands still until the hub knows of it: what that node tells may be from before. Names the lines of now.</summary>
    internal long AwaitLine()
    {
        lock (_gate)
        {
            return ++_lines;
        }
    }

    /// <summary>All until then was told, as far as those lines go.</summary>
    internal void Advance(long time, long lines)
    {
        lock (_gate)
        {
            if (lines == _lines)
            {
                Volatile.Write(ref _time, Math.Max(time, _time));
            }
        }
    }
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
