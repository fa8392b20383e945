using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Presence.Actors.Users;
using Presence.Core.Conversations;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Actors.Loading;

/// <summary>Those users' contact lists were changed in the directory. To the loader, which reads them again for those entities of its node that have read them. Answer: <see cref="Done"/>, after they have, or <see cref="Refused"/>.</summary>
public sealed record ContactsChanged(IReadOnlyCollection<UserId> Users) : IWireMessage;

/// <summary>Those conversations' participants were changed in the directory. Answer: as with <see cref="ContactsChanged"/>.</summary>
public sealed record ParticipantsChanged(IReadOnlyCollection<ConversationId> Conversations) : IWireMessage;

/// <summary>One of the two, from the node where the directory was changed to the loader of each, or <see cref="Identity.TokensRevoked"/> to who holds the revocations of each; told again until answered. Answer: as an <see cref="Answer"/> with the number.</summary>
public sealed record DirectoryChanged(long Number, IWireMessage Change) : IWireMessage;

/// <summary>Between an entity and the loader of its node; never leaves the process.</summary>
internal interface ILoaderMessage : INoSerializationVerificationNeeded;

/// <summary>The sender, that user's entity, has started, or reads for somebody: answer <see cref="UserLoaded"/> or <see cref="LoadFailed"/>.</summary>
/// <param name="UserId">Who.</param>
/// <param name="Viewer">For whom; it is looked up too whether the two are contacts. Null: for nobody.</param>
/// <param name="Number">Comes back with the answer.</param>
internal sealed record LoadUser(UserId UserId, UserId? Viewer, long Number) : ILoaderMessage;

/// <summary>What is kept of the user.</summary>
/// <param name="Row">Null: nobody ever heard of it.</param>
/// <param name="AreContacts">Whether the viewer is a contact of the user.</param>
/// <param name="Number">That of the question.</param>
internal sealed record UserLoaded(UserRow? Row, bool AreContacts, long Number) : ILoaderMessage;

/// <summary>The sender, that user's entity, needs the user's contacts: answer <see cref="ContactsLoaded"/>, and one more with each change, or <see cref="ContactsUnread"/>.</summary>
internal sealed record LoadContacts(UserId UserId) : ILoaderMessage;

/// <summary>The user's contacts.</summary>
internal sealed record ContactsLoaded(IReadOnlySet<UserId> Contacts) : ILoaderMessage;

/// <summary>They can't be read now.</summary>
internal sealed record ContactsUnread : ILoaderMessage
{
    public static ContactsUnread Instance { get; } = new();
}

/// <summary>The sender, that user's entity, needs the devices known of the user: answer <see cref="DevicesLoaded"/> with that number.</summary>
internal sealed record LoadDevices(UserId UserId, long Number) : ILoaderMessage;

/// <summary>The devices known of the user; none too where the store is out of reach.</summary>
internal sealed record DevicesLoaded(IReadOnlyList<DeviceRow> Devices, long Number) : ILoaderMessage;

/// <summary>The sender, that conversation's entity, has started: answer <see cref="ParticipantsLoaded"/> or <see cref="LoadFailed"/>.</summary>
internal sealed record LoadConversation(ConversationId ConversationId) : ILoaderMessage;

/// <summary>The conversation's participants.</summary>
internal sealed record ParticipantsLoaded(ImmutableHashSet<UserId> Participants) : ILoaderMessage;

/// <summary>What belonged to the sockets of that device: answer <see cref="SessionLoaded"/>.</summary>
internal sealed record LoadSession(UserId UserId, DeviceId DeviceId) : ILoaderMessage;

/// <summary>What is stored of it; null: nothing, or the store is out of reach.</summary>
internal sealed record SessionLoaded(UserId UserId, DeviceId DeviceId, Session? Session) : ILoaderMessage;

/// <summary>Somebody set the wall clock of this node. To the loader, which has each living user's entity look at what has a time of day; the next life of a user looks anyway.</summary>
internal sealed record ClockWasSet : ILoaderMessage
{
    public static ClockWasSet Instance { get; } = new();
}

/// <summary>The store is out of reach.</summary>
/// <param name="Number">That of the question.</param>
internal sealed record LoadFailed(long Number = 0) : ILoaderMessage;

/// <summary>That entity is gone.</summary>
internal sealed record UserUnloaded(UserId UserId, IActorRef Entity) : ILoaderMessage, IDeadLetterSuppression;

/// <summary>That entity is gone.</summary>
internal sealed record ConversationUnloaded(ConversationId ConversationId, IActorRef Entity) : ILoaderMessage, IDeadLetterSuppression;
