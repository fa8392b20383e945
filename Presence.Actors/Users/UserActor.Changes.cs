using Akka.Actor;
using Presence.Actors.Conversations;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <content>What the person chooses, and how a change is told.</content>
public sealed partial class UserActor
{
    private IActorRef ProfileChild()
    {
        if (_profile is null)
        {
            _profile = Context.ActorOf(UserProfileActor.Props(_id, _services.Writer), $"profile-{++_children}");
            Context.WatchWith(_profile, new ProfileStopped(_profile));
        }

        return _profile;
    }

    private void Store(IUserMessage message, ReplyTo replyTo)
    {
        if (IsOvertaken(message) || IsRepeated(message, replyTo))
        {
            return;
        }

        if (RefuseChange(message) is { } refusal)
        {
            Answer(message, replyTo, new Refused(refusal));
            return;
        }

        if (!_writes.Any && AnswerWithoutJournal(message) is { } answer)
        {
            Answer(message, replyTo, answer);
            return;
        }

        if (_writes.Full)
        {
            _services.Counters.UnavailableWrites.Add(1);
            Answer(message, replyTo, new Refused(Refusal.Unavailable));
            return;
        }

        var write = _writes.Add(message, replyTo, Elapsed + WriteLimit);
        WatchDeadline();
        ProfileChild().Tell(new Choose(message, write, _state.Seen, Versions.Next(_state.Version, Now)));
    }

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

    /// <summary>A refusal, and what is so already, need no journal: clients that say the same at every connect would have it read each time.</summary>
    private IAnswer? AnswerWithoutJournal(IUserMessage message)
    {
        var decision = message switch
        {
            UpdatePresence update => ProfileRules.Decide(
                _state.Profile,
                update.Update,
                _state.Seen,
                Versions.Next(_state.Version, Now),
                _clock.Wall
            ),
            SetPrivacy privacy => ProfileRules.Decide(_state.Profile, privacy.Rule, _clock.SharedTime),
            _ => ProfileDecision.Accept(),
        };
        return decision.Refusal is { } refusal ? new Refused(refusal)
            : decision.Facts.Count == 0 ? Stored(message)
            : null;
    }

    private IAnswer Stored(IUserMessage message) =>
        message is SetPrivacy ? new PrivacyIs(_state.Profile.Privacy) : new PresenceUpdated(_state.SeenBy(_id, areContacts: true));

    /// <summary>The journal has it. Where its time was over it was answered <c>unavailable</c>, and holds all the same: what is stored is the truth.</summary>
    private void OnChosen(Chosen chosen)
    {
        var write = _writes.Take(chosen.Write);
        Adopt(chosen.Profile, chosen.Sequence, (write?.Message as UpdatePresence)?.Cause);
        if (write is not null)
        {
            Answer(write.Message, write.ReplyTo, Stored(write.Message));
        }
    }

    private void OnChoiceRefused(ChoiceRefused refused)
    {
        if (_writes.Take(refused.Write) is { } write)
        {
            Answer(write.Message, write.ReplyTo, new Refused(refused.Refusal));
        }
    }

    private void Adopt(Profile profile, long sequence, ConnectionId? cause)
    {
        if (sequence > _sequence)
        {
            _sequence = sequence;
            Move(_state.WithProfile(profile, Now), cause);
        }
    }

    private void OnProfileStopped(ProfileStopped stopped)
    {
        if (stopped.Child.Equals(_profile))
        {
            _profile = null;
            RefuseWrites(_writes.TakeAll());
        }
    }

    private void RefuseWrites(IEnumerable<PendingWrites.Write> writes)
    {
        foreach (var write in writes)
        {
            _services.Counters.UnavailableWrites.Add(1);
            Answer(write.Message, write.ReplyTo, new Refused(Refusal.Unavailable));
        }

        WatchDeadline();
    }

    /// <summary>For the first deadline: one that is put off by each further write would never come.</summary>
    private void WatchDeadline()
    {
        if (_writes.NextDeadline is { } deadline && !Timers.IsTimerActive(Tick.WriteOverdue))
        {
            Timers.StartSingleTimer(Tick.WriteOverdue, Tick.WriteOverdue, deadline > Elapsed ? deadline - Elapsed : TimeSpan.Zero);
        }
    }

    /// <summary>Goes on to the next state and tells whoever is to know.</summary>
    private void Move(UserState next, ConnectionId? cause)
    {
        var earlier = _state;
        _state = next;
        var change = next.ChangesSince(earlier);
        _ruleSince = change.Rule ? _clock.SharedTime : _ruleSince;
        if (change.Seen || change.Rule || next.SeenNow.Certainty != earlier.SeenNow.Certainty)
        {
            Announce();
        }

        if (change.Own && (!_settling || cause is not null))
        {
            TellOwn(cause);
        }

        if (change.Rule || (Hidden(next) && !Hidden(earlier)))
        {
            EndTyping();
        }

        CountDevices(earlier.Devices.Count, next.Devices.Count);
        StartExpiry();
        if (earlier.Devices.IsEmpty != next.Devices.IsEmpty)
        {
            WriteLastSeen(next.LastSeenAt ?? _clock.Wall, connected: !next.Devices.IsEmpty);
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

    private void TellOwn(ConnectionId? cause)
    {
        foreach (var hub in Hubs)
        {
            _services.Hubs.Tell(hub, new OwnPresenceChanged(_state.Own, cause, _clock.Wall, _epoch), Self);
        }
    }

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
            _epoch
        );

    private void CountDevices(int earlier, int now)
    {
        _services.Counters.AddDevices(now - earlier);
        _services.Counters.AddUsersOnline((now > 0 ? 1 : 0) - (earlier > 0 ? 1 : 0));
    }

    private void StartExpiry()
    {
        if (_state.Profile.ExpiresAt is { } at)
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
        Call(type.Caller, answer: null);
        if (RefuseTyping() is { } refusal)
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

        Ask(new SetTyping(conversation, new TypingCommand(_id, type.Device, type.Request.IsTyping, rule)), replyTo);
    }

    private void OnGetTyping(GetTypingSeenBy get, ReplyTo replyTo) => Ask(new GetTyping(get.ConversationId, _id, _contacts), replyTo);

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
