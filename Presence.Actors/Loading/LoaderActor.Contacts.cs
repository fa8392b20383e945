using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Presence.Actors.Users;
using Presence.Core.Contacts;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Actors.Loading;

/// <content>Lists of contacts, and what is read again after a change of a directory.</content>
public sealed partial class LoaderActor
{
    /// <summary>How many contacts a query reads for each of its users at most, on the average of the users: a few hundred bytes each with their keys, so that a full query reads some 4 MB.</summary>
    private const int ContactsAUser = 40;

    /// <summary>A query reads as many in any case.</summary>
    private const int LeastContacts = 2_500;

    private sealed record ContactsRead(IReadOnlyDictionary<UserId, IReadOnlySet<UserId>> Contacts, IReadOnlySet<UserId> Unread)
        : ILoaderMessage;

    private sealed record ContactsNotRead(Exception Cause) : ILoaderMessage;

    private sealed record ReadAgain : ILoaderMessage, IDeadLetterSuppression
    {
        public static ReadAgain Instance { get; } = new();
    }

    private readonly Batch<UserId> _lists = new();

    /// <summary>Whose list was changed and could not be read since.</summary>
    private readonly HashSet<UserId> _changedLists = [];
    private readonly HashSet<ConversationId> _changedConversations = [];
    private int _retries;

    private void OnContacts(object message, ReplyTo replyTo)
    {
        switch (message)
        {
            case LoadContacts load when IsLiving(load.UserId, Sender, out _):
                // From now on it is told of each change: a change that the read does not see is read behind it.
                _users[load.UserId] = new(Sender, HasContacts: true);
                _lists.Add([load.UserId], replyTo: null);
                break;
            case ContactsChanged changed:
                OnChanged(_lists, [.. changed.Users.Where(user => _users.GetValueOrDefault(user).HasContacts)], replyTo);
                break;
            case ContactsRead read:
                OnContactsRead(read);
                break;
            case ContactsNotRead unread:
                Unread(unread.Cause, _lists, OnContactsUnread);
                break;
            default:
                OnDevices(message, replyTo);
                break;
        }
    }

    private void OnChanged<TId>(Batch<TId> batch, IReadOnlyCollection<TId> living, ReplyTo replyTo)
        where TId : notnull
    {
        if (living.Count == 0)
        {
            replyTo.Tell(Done.Instance, Self);
        }
        else
        {
            batch.Add(living, replyTo);
        }
    }

    private void StartContactsQuery()
    {
        if (_lists.Start(Clock) is { Count: > 0 } users)
        {
            Query(ReadContacts(users, Math.Max(LeastContacts, ContactsAUser * _lists.Size)), cause => new ContactsNotRead(cause));
        }
    }

    /// <summary>As many whole lists as one query reads; or one list that is longer than that, by several queries.</summary>
    private async Task<ILoaderMessage> ReadContacts(IReadOnlyList<UserId> users, int most)
    {
        var part = await ReadPart(users, after: null, most).ConfigureAwait(false);
        var lists = new Dictionary<UserId, IReadOnlyList<UserId>>(part.Lists);
        var unread = part.Cut is { } cut ? users.SkipWhile(user => user != cut).ToHashSet() : [];
        if (unread.Count == users.Count)
        {
            var first = users[0];
            var list = lists[first].ToList();
            while (part.Cut is not null)
            {
                part = await ReadPart([first], list[^1], most).ConfigureAwait(false);
                list.AddRange(part.Lists.GetValueOrDefault(first, []));
            }

            lists[first] = list;
            unread.Remove(first);
        }

        var read = users.Where(user => !unread.Contains(user));
        return new ContactsRead(
            read.ToDictionary(user => user, IReadOnlySet<UserId> (user) => lists.GetValueOrDefault(user, []).ToHashSet()),
            unread
        );
    }

    private Task<ContactsPart> ReadPart(IReadOnlyList<UserId> users, UserId? after, int most) =>
        InTime(cancellation => _contacts.LoadPart(users, after, most, cancellation));

    private void OnContactsRead(ContactsRead read)
    {
        _retries = 0;
        foreach (var (user, asked) in _lists.Finish(Clock, read.Unread))
        {
            TellEntity(user, new ContactsLoaded(read.Contacts[user]));
            if (asked.IsRead())
            {
                asked.ReplyTo?.Tell(Done.Instance, Self);
            }
        }
    }

    /// <summary>An entity that waits for its list is told, and asks again when it needs it. The directory has a change already: who made it is told that it may not show yet, and it is read until it does.</summary>
    private void OnContactsUnread(Batch<UserId>.Wanted wanted)
    {
        if (wanted.By.ReplyTo is not { } asker)
        {
            TellEntity(wanted.Id, ContactsUnread.Instance);
            return;
        }

        _changedLists.Add(wanted.Id);
        RefuseForNow(wanted.By.IsUnread() ? asker : null);
    }

    /// <summary>Not to one that has begun since and has not asked: it would not be told of the next change.</summary>
    private void TellEntity(UserId user, ILoaderMessage message)
    {
        if (_users.GetValueOrDefault(user) is { HasContacts: true } living)
        {
            living.Entity.Tell(message);
        }
    }

    private void RefuseForNow(ReplyTo? asker)
    {
        asker?.Tell(new Refused(Refusal.Unavailable), Self);
        if (!Timers.IsTimerActive(ReadAgain.Instance))
        {
            Timers.StartSingleTimer(ReadAgain.Instance, ReadAgain.Instance, Pauses.After(_retries++));
        }
    }

    private void OnReadAgain()
    {
        // Nobody waits for the answers any more.
        var nobody = new ReplyTo(ActorRefs.Nobody, null);
        OnChanged(_lists, [.. _changedLists.Where(user => _users.GetValueOrDefault(user).HasContacts)], nobody);
        OnChanged(_participants, [.. _changedConversations.Where(_liveConversations.ContainsKey)], nobody);
        _changedLists.Clear();
        _changedConversations.Clear();
    }
}
