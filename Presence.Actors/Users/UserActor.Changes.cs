using System.Collections.Immutable;
using Akka.Actor;
using Presence.Actors.Conversations;
using Presence.Core.Conversations;
using Presence.Core.Privacy;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <content>What the person chooses, and how a change is told.</content>
public sealed partial class UserActor
{
    /// <summary>
    /// In a hand-over a command can be on its way for seconds, and its client have come back since and chosen again. Nobody waits for its answer:
    /// the connection is gone. One that is not, and only not attached here yet, asks again.
    /// </summary>
    private bool IsOvertaken(IUserMessage message) =>
        message is UpdatePresence { Cause: { } connection, Over: { } over }
        && _devices.LatestOf(over.DeviceId) != connection
        && over.OpenedAt < _devices.OpenedAt(over.DeviceId);

    /// <summary>A hub repeats what was not answered in time. What was done is not done again, and what a later command of the same connection has overtaken not at all.</summary>
    private bool IsRepeated(IUserMessage message, ReplyTo replyTo)
    {
        if (message is not UpdatePresence { Cause: { } connection } || replyTo.Number is not { } number)
        {
            return false;
        }

        if (!_answered.TryGetValue(connection, out var last) || last.Number < number)
        {
            _answered[connection] = (number, null);
            return false;
        }

        if (last.Number == number && last.Answer is { } answer)
        {
            Tell(replyTo, answer);
        }

        return true;
    }

    private void Answer(IUserMessage message, ReplyTo replyTo, IAnswer answer)
    {
        if (
            message is UpdatePresence { Cause: { } connection }
            && replyTo.Number is { } number
            && _answered.GetValueOrDefault(connection).Number == number
        )
        {
            _answered[connection] = (number, answer);
        }

        Tell(replyTo, answer);
    }

    /// <summary>A hub asks under a number, and is answered behind what it was told before: ahead of that, it would take the change for known to all its clients.</summary>
    private void Tell(ReplyTo replyTo, IAnswer answer)
    {
        if (replyTo.Number is null)
        {
            replyTo.Tell(answer, Self);
        }
        else
        {
            _services.Hubs.Tell(replyTo.Asker, replyTo.Numbered(answer), Self);
        }
    }

    /// <summary>Goes on to the next state and tells whoever is to know.</summary>
    private void Move(UserState next, ConnectionId? cause)
    {
        var earlier = _state;
        _state = next;
        var change = next.ChangesSince(earlier);
        _ruleSince = change.Rule ? _clock.SharedTime : _ruleSince;
        if (_beforeConnect is null)
        {
            TellChange(earlier, cause);
        }

        if (change.Rule || (Hidden(next) && !Hidden(earlier)))
        {
            EndTyping();
        }

        CountDevices(earlier.Devices.Count, next.Devices.Count);
        FollowHiding(earlier, next);
        StartExpiry();
        if (earlier.Devices.IsEmpty != next.Devices.IsEmpty || IsAllIdle(earlier) != IsAllIdle(next))
        {
            WriteLastSeen();
        }
    }

    private void TellChange(UserState earlier, ConnectionId? cause)
    {
        var change = _state.ChangesSince(earlier);
        if (change.Seen || change.Rule || _state.SeenNow.Certainty != earlier.SeenNow.Certainty)
        {
            Announce();
        }

        if (change.Rule || (change.Own && (!_settling || cause is not null)))
        {
            TellOwn(cause, change.Rule ? _state.Profile.Privacy : null);
        }
    }

    private void Announce()
    {
        var announcement = Announcement();
        foreach (var watcher in _watchers.Keys)
        {
            _services.Hubs.Tell(watcher, announcement, Self);
        }
    }

    private void TellOwn(ConnectionId? cause, PrivacyRule? rule = null)
    {
        foreach (var hub in Hubs)
        {
            _services.Hubs.Tell(hub, new OwnPresenceChanged(_state.Own, cause, _clock.Wall, _epoch, rule), Self);
        }
    }

    /// <summary>Of whom the user sees nothing; null: there is none. Nobody is hidden from itself.</summary>
    private ImmutableHashSet<UserId>? Blocked => _state.Profile.Privacy.Blocked.Remove(_id) is { IsEmpty: false } blocked ? blocked : null;

    private PresenceChanged Announcement() =>
        new(
            _settling ? _state.SeenWhileSettling : _state.SeenNow,
            _state.Profile.Privacy,
            _ruleSince is { } since && since > _state.Profile.PrivacyAt ? since : _state.Profile.PrivacyAt,
            // Of one never seen nothing was given out: what an earlier life's watchers were told is not to become a version of this one.
            _state is { Own.Version: 0, Profile.ChosenAt: null }
                ? 0
                : _state.Version,
            _clock.Wall,
            _epoch,
            _askedAt
        );

    private void CountDevices(int earlier, int now)
    {
        _services.Counters.AddDevices(now - earlier);
        _services.Counters.AddUsersOnline((now > 0 ? 1 : 0) - (earlier > 0 ? 1 : 0));
    }

    private void StartExpiry()
    {
        if (_state.Profile.NextEnd is { } at)
        {
            Timers.StartSingleTimer(Tick.Expired, Tick.Expired, at > _clock.Wall ? Min(at - _clock.Wall, LongestTimer) : TimeSpan.Zero);
        }
        else
        {
            Timers.Cancel(Tick.Expired);
        }
    }

    /// <summary>The scheduler's own limit is near 24 days; an expiry farther off is looked at again then.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(20);

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static bool Hidden(UserState state) => state.Profile.SetStatus == OnlineStatus.Invisible;

    private void OnType(Type type, ReplyTo replyTo)
    {
        // Nobody types who is not there.
        TellHeldBackConnect();
        if ((Call(type.Caller, answer: null) ?? RefuseTyping()) is { } refusal)
        {
            Tell(replyTo, new Refused(refusal));
            return;
        }

        var rule = Hidden(_state) || !_state.Profile.Privacy.TypingIndicatorsEnabled ? null : _state.Profile.Privacy;
        var conversation = type.Request.ConversationId;
        if (rule is not null && type.Request.IsTyping)
        {
            NoteTyping(conversation);
        }

        Ask(new SetTyping(conversation, new TypingCommand(_id, type.Device, type.Request.IsTyping, rule, type.Caller?.DeviceId)), replyTo);
    }

    private void OnGetTyping(GetTypingSeenBy get, ReplyTo replyTo) =>
        Ask(new GetTyping(get.ConversationId, _id, _contacts!, Blocked), replyTo);

    /// <summary>The conversation answers the asker itself.</summary>
    private void Ask(IConversationMessage message, ReplyTo replyTo) =>
        _services.Conversations().Tell(replyTo.Number is { } number ? new ConversationRequest(number, message) : message, replyTo.Asker);

    /// <summary>The most conversations in which typing is ended early; what is over that ends by its time alone.</summary>
    private const int MaxTypingIn = 100;

    /// <summary>Where the user may be seen to type, so that it can be ended when the user may no longer be seen.</summary>
    private void NoteTyping(ConversationId conversation)
    {
        _typingIn ??= [];
        foreach (var (ended, _) in _typingIn.Where(entry => entry.Value <= Elapsed).ToList())
        {
            _typingIn.Remove(ended);
        }

        if (_typingIn.Count < MaxTypingIn)
        {
            _typingIn[conversation] = Elapsed + Options.TypingTtl;
        }
    }

    /// <summary>What was begun on the device over that connection, and no other device went on with, ends with it.</summary>
    private void EndTypingOn(DeviceId device, ConnectionId connection)
    {
        if (_devices.ConnectionOf(device) == connection)
        {
            EndTypingOn(device);
        }
    }

    private void EndTypingOn(DeviceId device)
    {
        foreach (var conversation in _typingIn?.Keys ?? Enumerable.Empty<ConversationId>())
        {
            _services.Conversations().Tell(new EndTyping(conversation, _id, device));
        }
    }

    private void EndTyping()
    {
        foreach (var conversation in _typingIn?.Keys ?? Enumerable.Empty<ConversationId>())
        {
            _services.Conversations().Tell(new EndTyping(conversation, _id, null));
        }

        _typingIn = null;
    }
}
