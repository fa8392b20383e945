using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Presence.Actors.Users;
using Presence.Core.Conversations;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Actors.Loading;

/// <summary>Those users' contact lists were changed in the directory. To the loader, which has the living entities of its node read them anew. Answer: <see cref="Done"/>, after they have, or <see cref="Refused"/>.</summary>
public sealed record ContactsChanged(IReadOnlyCollection<UserId> Users) : IWireMessage;

/// <summary>Those conversations' participants were changed in the directory. Answer: as with <see cref="ContactsChanged"/>.</summary>
public sealed record ParticipantsChanged(IReadOnlyCollection<ConversationId> Conversations) : IWireMessage;

/// <summary>One of the two, from the node where the directory was changed to the loader of each, or <see cref="Identity.TokensRevoked"/> to who holds the revocations of each; told again until answered. Answer: as an <see cref="Answer"/> with the number.</summary>
public sealed record DirectoryChanged(long Number, IWireMessage Change) : IWireMessage;

/// <summary>Between an entity and the loader of its node; never leaves the process.</summary>
internal interface ILoaderMessage : INoSerializationVerificationNeeded;

/// <summary>The sender, that user's entity, has started: answer <see cref="UserLoaded"/> or <see cref="LoadFailed"/>.</summary>
internal sealed record LoadUser(UserId UserId) : ILoaderMessage;

/// <summary>What is kept of the user; a null row: nobody ever heard of it.</summary>
internal sealed record UserLoaded(UserRow? Row, ImmutableHashSet<UserId> Contacts) : ILoaderMessage;

/// <summary>The user's contacts, read anew.</summary>
internal sealed record ContactsLoaded(ImmutableHashSet<UserId> Contacts) : ILoaderMessage;

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
internal sealed record LoadFailed : ILoaderMessage
{
    public static LoadFailed Instance { get; } = new();
}

/// <summary>That entity is gone.</summary>
internal sealed record UserUnloaded(UserId UserId, IActorRef Entity) : ILoaderMessage, IDeadLetterSuppression;

/// <summary>That entity is gone.</summary>
internal sealed record ConversationUnloaded(ConversationId ConversationId, IActorRef Entity) : ILoaderMessage, IDeadLetterSuppression;
