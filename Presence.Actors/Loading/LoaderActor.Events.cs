using Akka.Actor;
using Presence.Actors.Events;
using Presence.Actors.Nodes;
using Presence.Actors.Users;
using Presence.Core.Events;
using Presence.Core.Users;

namespace Presence.Actors.Loading;

/// <content>What waits for users of events, many users' in one query.</content>
public sealed partial class LoaderActor
{
    /// <summary>Fewer than of other rows: each may have two hundred events of 32 KiB.</summary>
    private const int EventUsersAQuery = 50;

    private sealed record EventsRead(IReadOnlyDictionary<UserId, IReadOnlyList<PostedEvent>> Pending) : ILoaderMessage;

    private sealed record EventsNotRead(Exception Cause) : ILoaderMessage;

    private readonly IEventStore _eventStore;
    private readonly Batch<UserId> _events = new(EventUsersAQuery);

    private void OnEvents(object message, ReplyTo replyTo)
    {
        switch (message)
        {
            case LoadEvents load:
                _events.Add([load.UserId], replyTo);
                break;
            case EventsRead read:
                foreach (var (ids, asked) in _events.Finish())
                {
                    asked.Asker.Tell(new EventsLoaded(read.Pending.GetValueOrDefault(ids.First(), [])));
                }

                break;
            case EventsNotRead unread:
                Unread(unread.Cause, _events.Finish(), entry => entry.ReplyTo.Asker.Tell(EventsUnread.Instance));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void StartEventQuery()
    {
        if (_events.Start() is { Count: > 0 } users)
        {
            var now = NodeClock.Of(Context.System).Wall;
            Query(
                Read(cancellation => _eventStore.Pending(users, now, cancellation), found => new EventsRead(found)),
                cause => new EventsNotRead(cause)
            );
        }
    }
}
