using Presence.Core.Users;

namespace Presence.Core.Contacts;

/// <summary>One user's whole list.</summary>
public sealed record ContactList(UserId UserId, IReadOnlyCollection<UserId> Contacts);

/// <summary>Lists of contacts, as far as one query read.</summary>
/// <param name="Lists">The lists; a user without contacts may be absent.</param>
/// <param name="Cut">The user in whose list the query stopped: that list is not whole, and those of the users behind it were not read. Null: all were read.</param>
public sealed record ContactsPart(IReadOnlyDictionary<UserId, IReadOnlyList<UserId>> Lists, UserId? Cut);

/// <summary>Who is whose contact: unordered pairs of two different users.</summary>
/// <remarks>Every write answers with the users whose lists it changed, who are to be told. One by which a user would have more contacts than <see cref="ListLimits"/> allows fails with <see cref="Errors.ListFullException"/>. A store out of reach fails the task with <see cref="Errors.StoreUnavailableException"/>.</remarks>
public interface IContactDirectory
{
    /// <summary>The contacts of those users, in one query; a user without any may be absent from the answer.</summary>
    Task<IReadOnlyDictionary<UserId, IReadOnlyList<UserId>>> Load(IReadOnlyCollection<UserId> users, CancellationToken cancellation);

    /// <summary>The contacts of those users, one user after the other and each list in order, from a query that stops after so many of them.</summary>
    /// <param name="users">Different users.</param>
    /// <param name="after">Of the first user, only the contacts behind this one: to go on where the query before stopped. Null: all.</param>
    /// <param name="most">How many contacts, of all users together, at most.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task<ContactsPart> LoadPart(IReadOnlyList<UserId> users, UserId? after, int most, CancellationToken cancellation);

    /// <summary>Those of the pairs who are contacts, in one query.</summary>
    Task<IReadOnlySet<(UserId User, UserId Other)>> Among(
        IReadOnlyCollection<(UserId User, UserId Other)> pairs,
        CancellationToken cancellation
    );

    /// <summary>Replaces the whole list of each user, in order, in one transaction.</summary>
    Task<IReadOnlyCollection<UserId>> Replace(IReadOnlyCollection<ContactList> lists, CancellationToken cancellation);

    /// <summary>Makes the two contacts.</summary>
    Task<IReadOnlyCollection<UserId>> Add(UserId user, UserId contact, CancellationToken cancellation);

    /// <summary>Ends it.</summary>
    Task<IReadOnlyCollection<UserId>> Remove(UserId user, UserId contact, CancellationToken cancellation);
}
