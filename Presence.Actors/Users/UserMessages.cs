using System.Collections.Immutable;
using Akka.Event;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Json;
using Presence.Core.Privacy;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <summary>Goes to the entity of that user.</summary>
public interface IWithUserId
{
    /// <summary>Whose entity.</summary>
    UserId UserId { get; }
}

/// <summary>Crosses nodes: has a manifest in the serializer's table.</summary>
public interface IWireMessage;

/// <summary>What a user's entity is told or asked.</summary>
public interface IUserMessage : IWithUserId, IWireMessage;

/// <summary>An answer to whoever asked.</summary>
public interface IAnswer : IWireMessage;

/// <summary>Not done, and why.</summary>
public sealed record Refused(Refusal Refusal) : IAnswer;

/// <summary>Done; nothing to tell.</summary>
public sealed record Done : IAnswer
{
    /// <summary>The only one.</summary>
    public static Done Instance { get; } = new();
}

/// <summary>A device that calls by HTTP: a heartbeat of it.</summary>
/// <param name="DeviceId">Which.</param>
/// <param name="Info">What it tells of itself.</param>
public sealed record CallingDevice(DeviceId DeviceId, DeviceInfo Info);

/// <summary>Reads the presence as <paramref name="Viewer"/> may see it; null: a service, which sees what the owner sees. Answer: <see cref="PresenceIs"/> or <see cref="Refused"/>.</summary>
public sealed record GetPresence(UserId UserId, UserId? Viewer) : IUserMessage;

/// <summary>A presence, as the one who asked may see it.</summary>
public sealed record PresenceIs(PresenceRecord Presence) : IAnswer;

/// <summary>Chooses status, text, activity. Answer, after the journal has it: <see cref="PresenceUpdated"/> or <see cref="Refused"/>.</summary>
/// <param name="UserId">Who.</param>
/// <param name="Update">What.</param>
/// <param name="Device">The calling device, for a call by HTTP that names one.</param>
/// <param name="Cause">The connection it came over: it gets the answer, and no push of this change.</param>
/// <param name="ByService">It was a service, whose changes the user's rate doesn't count.</param>
/// <param name="Over">Whose connection that is, of one that is a device's.</param>
/// <param name="AskedAt">When the frame was taken, by the clock that all nodes share; null: by HTTP.</param>
public sealed record UpdatePresence(
    UserId UserId,
    PresenceUpdate Update,
    CallingDevice? Device,
    ConnectionId? Cause,
    bool ByService = false,
    DeviceConnection? Over = null,
    DateTimeOffset? AskedAt = null
) : IUserMessage;

/// <summary>A device's connection, by which an older one of the same device is told from it.</summary>
/// <param name="DeviceId">Which.</param>
/// <param name="OpenedAt">When it was opened, by its hub's clock.</param>
public sealed record DeviceConnection(DeviceId DeviceId, DateTimeOffset OpenedAt);

/// <summary>The new own presence; it is stored.</summary>
public sealed record PresenceUpdated(PresenceRecord Own) : IAnswer;

/// <summary>A heartbeat by HTTP: the device counts as connected until the heartbeat timeout. Answer: <see cref="Done"/> or <see cref="Refused"/>.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="Device">Which device.</param>
/// <param name="Active">Whether the person is active there; null: as it was. One that says false connects nothing that is not connected.</param>
public sealed record HeartbeatByHttp(UserId UserId, CallingDevice Device, bool? Active = null) : IUserMessage;

/// <summary>A keystroke or its end. Answer: <see cref="TypingAccepted"/> or <see cref="Refused"/>.</summary>
/// <param name="UserId">The typist.</param>
/// <param name="Request">Where, and whether.</param>
/// <param name="Device">The socket's device, which ends it by disconnecting; null by HTTP.</param>
/// <param name="Caller">The calling device, for a call by HTTP that names one.</param>
public sealed record Type(UserId UserId, TypingRequest Request, DeviceId? Device, CallingDevice? Caller) : IUserMessage;

/// <summary>Taken; whether anyone was told is nobody's to know.</summary>
public sealed record TypingAccepted : IAnswer
{
    /// <summary>The only one.</summary>
    public static TypingAccepted Instance { get; } = new();
}

/// <summary>Who types in a conversation, as this participant may see it. Answer: <see cref="Conversations.TypingIs"/> or <see cref="Refused"/>.</summary>
public sealed record GetTypingSeenBy(UserId UserId, ConversationId ConversationId) : IUserMessage;

/// <summary>Reads the audience rule. Answer: <see cref="PrivacyIs"/> or <see cref="Refused"/>.</summary>
public sealed record GetPrivacy(UserId UserId) : IUserMessage;

/// <summary>Replaces the audience rule. Answer, after the journal has it: <see cref="PrivacyIs"/> or <see cref="Refused"/>.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="Rule">The new one.</param>
/// <param name="ByService">As in <see cref="UpdatePresence"/>.</param>
/// <param name="Device">The calling device, if the call names one: it is not told of the change.</param>
public sealed record SetPrivacy(UserId UserId, PrivacyRule Rule, bool ByService = false, DeviceId? Device = null) : IUserMessage;

/// <summary>The audience rule, whole.</summary>
public sealed record PrivacyIs(PrivacyRule Rule) : IAnswer;

/// <summary>The devices: those connected, or all known. Answer: <see cref="DevicesAre"/> or <see cref="Refused"/>.</summary>
public sealed record GetDevices(UserId UserId, bool All) : IUserMessage;

/// <summary>The devices, by id.</summary>
public sealed record DevicesAre(ImmutableArray<KnownDevice> Devices) : IAnswer;

/// <summary>Closes the device's socket, or forgets the device if it has none. Answer: <see cref="Done"/>, or <see cref="Refused"/> with <c>not_found</c>.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="DeviceId">Which.</param>
/// <param name="ByService">As in <see cref="UpdatePresence"/>.</param>
public sealed record RemoveDevice(UserId UserId, DeviceId DeviceId, bool ByService = false) : IUserMessage;

/// <summary>Closes all sockets of the user. Answer: <see cref="Done"/>.</summary>
public sealed record DisconnectUser(UserId UserId) : IUserMessage;

/// <summary>Erases all that is kept of the user: see <c>UserActor</c>'s erasing. Answer: <see cref="Done"/>, when nothing is left and nobody sees anything any more, or <see cref="Refused"/>; then it may be asked again.</summary>
public sealed record EraseUser(UserId UserId) : IUserMessage;

/// <summary>The user is being erased: to the hub of every node, which closes the user's sockets, and has the writer of its node drop what waits for the user. Answer: <see cref="Done"/>, after which that node writes nothing more of that life.</summary>
/// <param name="UserId">Who.</param>
/// <param name="At">When; what was opened later is of another life.</param>
public sealed record ForgetUser(UserId UserId, DateTimeOffset At) : IWireMessage;

/// <summary>The user was erased, and reads from now on like one never seen. From the entity to the hubs that watch.</summary>
/// <param name="UserId">Who.</param>
/// <param name="Version">Above all that was told of that life.</param>
/// <param name="At">When.</param>
/// <param name="Epoch">Of the entity, as in <see cref="PresenceChanged"/>.</param>
public sealed record UserErased(UserId UserId, long Version, DateTimeOffset At, long Epoch) : IAnswer;

/// <summary>Why a viewer sees what it sees. Answer: <see cref="Explanation"/> or <see cref="Refused"/>.</summary>
public sealed record Explain(UserId UserId, UserId Viewer) : IUserMessage;

/// <summary>Why a viewer sees what it sees.</summary>
/// <param name="Presence">What it sees.</param>
/// <param name="Viewer">Who.</param>
/// <param name="Visible">Whether it sees the user at all.</param>
/// <param name="Rule">What decided: <c>owner</c>, <c>block</c>, <c>override</c>, <c>visibility</c>, <c>invisible</c> or <c>never_seen</c>.</param>
/// <param name="Because">The steps, for a person.</param>
public sealed record Explanation(PresenceRecord Presence, UserId Viewer, bool Visible, string Rule, ImmutableArray<string> Because)
    : IAnswer
{
    /// <summary>Of a viewer that blocks the user.</summary>
    public static Explanation OfBlock(UserId user, UserId viewer) =>
        new(
            PresenceRecord.Unknown(user),
            viewer,
            Visible: false,
            "block",
            ["the viewer has blocked the user, which works both ways and beats all else", "so the viewer sees nothing of the user"]
        );
}

/// <summary>What a hub knows of a user, told with what it asks: the entity goes on from there, whatever the clocks of the nodes are like.</summary>
/// <param name="Epoch">The epoch of the entity that it heard of last; 0: none.</param>
/// <param name="Version">The version that it heard of last.</param>
/// <param name="Seen">That of the record that it heard of last; 0: of nobody who was ever seen.</param>
/// <param name="Online">Whether it was one of somebody who was not offline.</param>
public readonly record struct KnownUntil(long Epoch, long Version, long Seen, bool Online);

/// <summary>A hub has a socket of this device, or, where no device is named, a connection that only listens and makes nobody present. Sender: the hub; retried until answered; the same connection again changes nothing. Answer: <see cref="DeviceAttached"/> or <see cref="AttachRefused"/>.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="DeviceId">Which device.</param>
/// <param name="Connection">Which connection.</param>
/// <param name="Info">What the device told of itself.</param>
/// <param name="Active">Whether the person is active there.</param>
/// <param name="OpenedAt">When the connection was opened, by the clock that all nodes share.</param>
/// <param name="Again">It was attached before, by an earlier entity or before something was lost: it must not replace a newer one.</param>
/// <param name="Known">What the hub knows of the user.</param>
/// <param name="Unsaid">The client has not said whether the person is active: it is as it was, where the device comes back, and else it has a moment to say so.</param>
/// <param name="CameBackFrom">Until when the client knows what happened, where it comes back with what its last connection left it; null: it is new.</param>
/// <param name="Silence">How long before this the device gave its last sign of life.</param>
public sealed record AttachDevice(
    UserId UserId,
    DeviceId? DeviceId,
    ConnectionId Connection,
    DeviceInfo Info,
    bool Active,
    DateTimeOffset OpenedAt,
    bool Again,
    KnownUntil Known,
    bool Unsaid = false,
    DateTimeOffset? CameBackFrom = null,
    TimeSpan Silence = default
) : IUserMessage;

/// <summary>The device is attached. Sender: the user's entity, which the hub watches.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="DeviceId">Which device; null: it only listens.</param>
/// <param name="Connection">Which connection.</param>
/// <param name="Own">The owner's view.</param>
/// <param name="Contacts">The user's contacts.</param>
/// <param name="EndedAt">When the device's connection before this one ended, by the clock that all nodes share; null: not known here.</param>
/// <param name="Epoch">Of the entity.</param>
/// <param name="Idle">The person is not active there.</param>
/// <param name="Blocked">Whom the user blocks, and so sees nothing of; null: nobody, or a node of the build before doesn't say.</param>
/// <param name="EventsFollow">The events that wait for the connection follow, as <see cref="Events.EventsFor"/>, or one without any; false: a node of an earlier build.</param>
public sealed record DeviceAttached(
    UserId UserId,
    DeviceId? DeviceId,
    ConnectionId Connection,
    PresenceRecord Own,
    IReadOnlySet<UserId> Contacts,
    DateTimeOffset? EndedAt,
    long Epoch,
    bool Idle = false,
    ImmutableHashSet<UserId>? Blocked = null,
    bool EventsFollow = false
) : IAnswer;

/// <summary>The device can't be attached; close it so.</summary>
public sealed record AttachRefused(UserId UserId, ConnectionId Connection, Refusal Refusal) : IAnswer;

/// <summary>The device's socket is gone, or, where no device is named, the connection that only listened. Sender: the hub; retried until answered, or the device would be connected for ever. Answer: <see cref="DeviceDetached"/>.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="DeviceId">Which device.</param>
/// <param name="Connection">Which connection.</param>
/// <param name="Goodbye">The client said goodbye: its calls by HTTP keep the device no longer.</param>
/// <param name="Silence">How long before this the device gave its last sign of life.</param>
public sealed record DetachDevice(
    UserId UserId,
    DeviceId? DeviceId,
    ConnectionId Connection,
    bool Goodbye = false,
    TimeSpan Silence = default
) : IUserMessage;

/// <summary>That connection is attached to nothing.</summary>
public sealed record DeviceDetached(ConnectionId Connection) : IAnswer;

/// <summary>The device was heard of.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="DeviceId">Which.</param>
/// <param name="Connection">Over which connection.</param>
/// <param name="Active">Whether the person is active there; null: as it was.</param>
/// <param name="Silence">How long before this that was.</param>
public sealed record DeviceHeard(UserId UserId, DeviceId DeviceId, ConnectionId Connection, bool? Active, TimeSpan Silence = default)
    : IUserMessage;

/// <summary>The hub wants to be told of this user's changes. Sender: the hub. Answer: <see cref="PresenceChanged"/> with the state as it is, and one more with each change.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="Known">What the hub knows already.</param>
/// <param name="Number">Grows with each that this hub tells: in a hand-over an earlier <see cref="Unwatch"/> can arrive after it.</param>
/// <param name="Presumed">The version under which a client was last told <see cref="Certainty.Grace"/>; 0: none was. What is confirmed is told above it.</param>
public sealed record Watch(UserId UserId, KnownUntil Known, long Number, long Presumed = 0) : IUserMessage;

/// <summary>The user can't be loaded now. The hub asks again.</summary>
public sealed record WatchRefused(UserId UserId) : IAnswer;

/// <summary>No longer: ends each <see cref="Watch"/> of this hub with that number or a smaller one.</summary>
public sealed record Unwatch(UserId UserId, long Number) : IUserMessage;

/// <summary>A user as others see it, and the rule by which they may. Sender: the user's entity.</summary>
/// <param name="Presence">The record before anybody's sight is applied.</param>
/// <param name="Rule">The audience rule.</param>
/// <param name="RuleAt">Since when the rule is in force, by the clock that all nodes share; null: it is the default, never chosen.</param>
/// <param name="Version">Orders records and rules of this user; at least the record's own.</param>
/// <param name="At">When.</param>
/// <param name="Epoch">Of the entity: each life of it has a greater one. What comes with a smaller one is told by an entity that was replaced, and is refused.</param>
/// <param name="AskedAt">When the frame was taken that changed it, by the clock that all nodes share; null: something else did.</param>
public sealed record PresenceChanged(
    PresenceRecord Presence,
    PrivacyRule Rule,
    DateTimeOffset? RuleAt,
    long Version,
    DateTimeOffset At,
    long Epoch,
    DateTimeOffset? AskedAt = null
) : IAnswer;

/// <summary>The owner's view, for the hubs where the user's own devices are.</summary>
/// <param name="Own">The record.</param>
/// <param name="Cause">The connection that caused it, and isn't told.</param>
/// <param name="At">When.</param>
/// <param name="Epoch">Of the entity, as in <see cref="PresenceChanged"/>.</param>
/// <param name="Rule">The audience rule, where that was changed.</param>
public sealed record OwnPresenceChanged(PresenceRecord Own, ConnectionId? Cause, DateTimeOffset At, long Epoch, PrivacyRule? Rule = null)
    : IAnswer;

/// <summary>The user's contacts, whole, for the hubs where the user's devices are.</summary>
public sealed record ContactsAre(UserId UserId, IReadOnlySet<UserId> Contacts) : IAnswer;

/// <summary>Close that connection, for that reason. From the entity to the hub that has it.</summary>
public sealed record EndConnection(ConnectionId Connection, CloseReason Reason) : IAnswer;

/// <summary>Stops the entity: hand-over and passivation.</summary>
public sealed record StopUser : IDeadLetterSuppression, IWireMessage
{
    /// <summary>The only one.</summary>
    public static StopUser Instance { get; } = new();
}

/// <summary>To the hubs of all nodes, before anything else that it tells: an entity of that user has begun. Whoever has the user's sockets, or watches, and knows another entity, turns to it: that the other one has ended may be heard much later, after a node's restart not at all.</summary>
/// <param name="UserId">Whose.</param>
/// <param name="Epoch">Its own; what an earlier one told, and arrives later, is refused.</param>
public sealed record EntityBegun(UserId UserId, long Epoch) : IWireMessage;
