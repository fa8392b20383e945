using Akka.Actor;
using Akka.Event;
using Presence.Actors.Events;
using Presence.Actors.Nodes;
using Presence.Actors.Users;
using Presence.Core.Events;
using Presence.Core.Users;

namespace Presence.Actors.Loading;

/// <content>What waits for users of events, many users' in one query; large backlogs piece by piece.</content>
public sealed partial class LoaderActor
{
    /// <summary>Fewer than of other rows: each may have some hundred events. Their payloads come along where a user's are at most <see cref="WholeBytes"/> together.</summary>
    private const int EventUsersAQuery = 50;

    private const int WholeBytes = 64 * 1024;

    private sealed record EventsRead(IReadOnlyDictionary<UserId, IReadOnlyList<WaitingEvent>> Waiting) : ILoaderMessage;

    private sealed record EventsNotRead(Exception Cause) : ILoaderMessage;

    private sealed record PayloadsRead(IReadOnlyDictionary<UserId, IReadOnlyList<PostedEvent>> Events) : ILoaderMessage;

    private sealed record PayloadsNotRead(Exception Cause) : ILoaderMessage;

    private sealed record RoomDue : ILoaderMessage
    {
        public static RoomDue Instance { get; } = new();
    }

    private readonly IEventStore _eventStore;
    private readonly Batch<UserId> _events = new(EventUsersAQuery);
    private readonly PayloadLoads _payloads = new();

    private void OnEvents(object message, ReplyTo replyTo)
    {
        switch (message)
        {
            case LoadEvents load:
                _events.Add([load.UserId], replyTo);
                break;
            case EventsRead read:
                foreach (var (user, asked) in _events.Finish(Clock))
                {
                    asked.ReplyTo!.Value.Asker.Tell(new EventsLoaded(read.Waiting.GetValueOrDefault(user, [])));
                }

                break;
            case EventsNotRead unread:
                Unread(unread.Cause, _events, wanted => wanted.By.ReplyTo!.Value.Asker.Tell(EventsUnread.Instance));
                break;
            case LoadPayloads load:
                _payloads.Add(Sender, load);
                break;
            case PayloadsGiven given:
                _payloads.Given(Sender, given.Number);
                break;
            case PayloadsRead read:
                foreach (var (asker, load) in _payloads.Finish(Clock))
                {
                    var wanted = load.Events.ToHashSet();
                    PostedEvent[] found = [.. read.Events.GetValueOrDefault(load.UserId, []).Where(posted => wanted.Contains(posted.Id))];
                    asker.Tell(new PayloadsLoaded(load.Number, found));
                }

                break;
            case PayloadsNotRead unread:
                _log.Warning("The payloads of events could not be read: {0}", unread.Cause.Message);
                foreach (var (asker, load) in _payloads.Finish(Clock))
                {
                    asker.Tell(new PayloadsUnread(load.Number));
                }

                break;
            case RoomDue:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void StartEventQuery()
    {
        var now = NodeClock.Of(Context.System).SharedTime;
        if (_events.Start(Clock) is { Count: > 0 } users)
        {
            Query(
                Read(cancellation => _eventStore.Waiting(users, now, WholeBytes, cancellation), found => new EventsRead(found)),
                cause => new EventsNotRead(cause)
            );
        }

        if (_payloads.Start(Clock) is { Count: > 0 } events)
        {
            Query(
                Read(cancellation => _eventStore.Load(events, cancellation), found => new PayloadsRead(found)),
                cause => new PayloadsNotRead(cause)
            );
        }
        else if (_payloads.NextIn(Clock) is { } pause)
        {
            Timers.StartSingleTimer(RoomDue.Instance, RoomDue.Instance, pause);
        }
    }
}
