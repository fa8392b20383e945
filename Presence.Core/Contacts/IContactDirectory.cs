using Presence.Core.Users;

namespace Presence.Core.Contacts;

/// <summary>One user's whole list.</summary>
public sealed record ContactList(UserId UserId, IReadOnlyCollection<UserId> Contacts);

/// <summary>Who is whose contact: unordered pairs of two different users.</summary>
/// <remarks>Every write answers with the users whose lists it changed, who are to be told. One by which a user would have more contacts than <see cref="ListLimits"/> allows fails with <see cref="Errors.ListFullException"/>. A store out of reach fails the task with <see cref="Errors.StoreUnavailableException"/>.</remarks>
public interface IContactDirectory
{
    /// <summary>The contacts of those users, in one query; a user without any may be absent from the answer.</summary>
    Task<IReadOnlyDictionary<UserId, IReadOnlyList<UserId>>> Load(IReadOnlyCollection<UserId> users, CancellationToken cancellation);

    /// <summary>Replaces the whole list of each user, in order, in one transaction.</summary>
    Task<IReadOnlyCollection<UserId>> Replace(IReadOnlyCollection<ContactList> lists, CancellationToken cancellation);

    /// <summary>Makes the two contacts.</summary>
    Task<IReadOnlyCollection<UserId>> Add(UserId user, UserId contact, CancellationToken cancellation);

    /// <summary>Ends it.</summary>
    Task<IReadOnlyCollection<UserId>> Remove(UserId user, UserId contact, CancellationToken cancellation);
}
