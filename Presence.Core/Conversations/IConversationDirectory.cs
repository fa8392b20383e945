using Presence.Core.Users;

namespace Presence.Core.Conversations;

/// <summary>One conversation's whole set.</summary>
public sealed record ParticipantList(ConversationId ConversationId, IReadOnlyCollection<UserId> Participants);

/// <summary>Who takes part in which conversation.</summary>
/// <remarks>Every write answers with the conversations that it changed, which are to be told. One by which a conversation would have more participants than <see cref="Contacts.ListLimits"/> allows fails with <see cref="Errors.ListFullException"/>. A store out of reach fails the task with <see cref="Errors.StoreUnavailableException"/>.</remarks>
public interface IConversationDirectory
{
    /// <summary>The participants of those conversations, in one query; one without any may be absent from the answer.</summary>
    Task<IReadOnlyDictionary<ConversationId, IReadOnlyList<UserId>>> Load(
        IReadOnlyCollection<ConversationId> conversations,
        CancellationToken cancellation
    );

    /// <summary>Replaces the whole set of each conversation, in order, in one transaction.</summary>
    Task<IReadOnlyCollection<ConversationId>> Replace(IReadOnlyCollection<ParticipantList> lists, CancellationToken cancellation);

    /// <summary>Lets the user take part.</summary>
    Task<IReadOnlyCollection<ConversationId>> Add(ConversationId conversation, UserId user, CancellationToken cancellation);

    /// <summary>Ends it.</summary>
    Task<IReadOnlyCollection<ConversationId>> Remove(ConversationId conversation, UserId user, CancellationToken cancellation);
}
