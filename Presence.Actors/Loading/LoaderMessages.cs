using Presence.Core.Conversations;
using Presence.Core.Users;

namespace Presence.Actors.Loading;

/// <summary>Those users' contact lists were changed in the directory. To the loader, which has the living entities of its node read them anew. Answer: <see cref="Users.Done"/>, after they have, or <see cref="Users.Refused"/>.</summary>
public sealed record ContactsChanged(IReadOnlyCollection<UserId> Users) : Users.IWireMessage;

/// <summary>Those conversations' participants were changed in the directory. Answer: as with <see cref="ContactsChanged"/>.</summary>
public sealed record ParticipantsChanged(IReadOnlyCollection<ConversationId> Conversations) : Users.IWireMessage;
