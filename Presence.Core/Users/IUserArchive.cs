using Presence.Core.Conversations;
using Presence.Core.Events;
using Presence.Core.Sessions;

namespace Presence.Core.Users;

/// <summary>An entry of a user's journal, as it is stored.</summary>
/// <param name="Sequence">Its number in this journal, from 1.</param>
/// <param name="Manifest">The name of the kind of fact.</param>
/// <param name="Content">The fact, as the journal's serializer wrote it.</param>
public sealed record JournalEntry(long Sequence, string Manifest, ReadOnlyMemory<byte> Content);

/// <summary>An event that was sent in a user's name and still waits for somebody else.</summary>
public sealed record SentEvent(UserId Recipient, PostedEvent Event);

/// <summary>All that the store keeps of one user, as of one moment.</summary>
/// <param name="UserId">Who.</param>
/// <param name="Journal">What the person chose, each choice; in order.</param>
/// <param name="Profile">What that comes to, as far as it is projected; null: nothing is.</param>
/// <param name="LastSeenAt">When a device was last known to be connected; null: never.</param>
/// <param name="Devices">The devices known, by id.</param>
/// <param name="Contacts">The contacts, by id.</param>
/// <param name="Conversations">The conversations taken part in, by id.</param>
/// <param name="Events">The events that wait for the user, in order.</param>
/// <param name="Sent">The events that wait for others and were sent in the user's name.</param>
/// <param name="Sessions">What belongs to the user's sockets.</param>
public sealed record KeptOfUser(
    UserId UserId,
    IReadOnlyList<JournalEntry> Journal,
    Profile? Profile,
    DateTimeOffset? LastSeenAt,
    IReadOnlyList<DeviceRow> Devices,
    IReadOnlyList<UserId> Contacts,
    IReadOnlyList<ConversationId> Conversations,
    IReadOnlyList<PostedEvent> Events,
    IReadOnlyList<SentEvent> Sent,
    IReadOnlyList<Session> Sessions
);

/// <summary>Whose lists an erasure changed, who are to be told.</summary>
/// <param name="Contacts">Those who had the user as a contact.</param>
/// <param name="Conversations">Those in which the user took part.</param>
public sealed record ErasedFrom(IReadOnlyList<UserId> Contacts, IReadOnlyList<ConversationId> Conversations);

/// <summary>Everything that the store keeps of one user, over all tables: to be handed out, or erased.</summary>
/// <remarks>What others keep of the user (their blocks, exceptions and subscriptions) is theirs. A store out of reach fails the task with <see cref="Errors.StoreUnavailableException"/>.</remarks>
public interface IUserArchive
{
    /// <summary>All of it, as of one moment; of a user nobody heard of, nothing.</summary>
    Task<KeptOfUser> Export(UserId user, CancellationToken cancellation);

    /// <summary>Erases all of it, the journal too, in one transaction, so that it can't be read from the store's files either. Again, it erases what is there by then.</summary>
    /// <remarks>The caller has seen to it that nothing written for the user earlier is still on its way.</remarks>
    Task<ErasedFrom> Erase(UserId user, CancellationToken cancellation);
}
