using Akka.Actor;
using Presence.Actors.Loading;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <content>
/// How a choice is stored: decided from what is known to be stored, one write at a time, acknowledged when the journal has it.
/// The outcome of a write can be unknown. Then the row is read again before the next decision, and until the journal shows one more fact than before, what seems to be so already is written all the same:
/// it gets the sequence number that the other write would have, and only one of the two can be stored.
/// </content>
public sealed partial class UserActor
{
    /// <summary>A write whose answer was lost, or an earlier entity's that was on its way, is visible by then or never: the store's own limits end it before.</summary>
    private static readonly TimeSpan LateWrite = TimeSpan.FromSeconds(5);

    /// <summary>What is with the journal's writer.</summary>
    /// <param name="Write">Its number among those that wait.</param>
    /// <param name="Facts">What was decided.</param>
    /// <param name="Last">The sequence number of the last of them.</param>
    private sealed record InJournal(long Write, IReadOnlyList<IProfileFact> Facts, long Last);

    private InJournal? _inJournal;

    /// <summary>When the frame was taken that the change comes from which is being told.</summary>
    private DateTimeOffset? _askedAt;

    /// <summary>The highest sequence number of a write whose outcome is unknown.</summary>
    private long _tried;
    private bool _mustReadAgain;
    private bool _readingAgain;
    private bool _lookedAgain;
    private bool _stopping;

    /// <summary>What was acknowledged is on its way to the store; the next entity would give it again.</summary>
    private bool _flushing;

    private void Store(IUserMessage message, ReplyTo replyTo)
    {
        if (IsOvertaken(message) || IsRepeated(message, replyTo))
        {
            return;
        }

        if ((RefuseSize(message) ?? RefuseChange(message)) is { } refusal)
        {
            Answer(message, replyTo, new Refused(refusal));
            return;
        }

        if (_writes.Full)
        {
            _services.Counters.UnavailableWrites.Add(1);
            Answer(message, replyTo, new Refused(Refusal.Unavailable));
            return;
        }

        _writes.Add(message, replyTo, Elapsed + WriteLimit);
        WriteNext();
        WatchDeadline();
    }

    private void WriteNext()
    {
        while (_inJournal is null && !_readingAgain && _writes.First is var (number, message))
        {
            if (_mustReadAgain)
            {
                ReadAgain();
                return;
            }

            var decision = Decide(message);
            if (decision.Facts.Count > 0)
            {
                _inJournal = new(number, decision.Facts, _sequence + decision.Facts.Count);
                _services.Journal.Tell(new WriteFacts(_id, number, _sequence, decision.Facts), Self);
                return;
            }

            var write = _writes.Take(number)!;
            Answer(message, write.ReplyTo, decision.Refusal is { } refusal ? new Refused(refusal) : Stored(message));
        }
    }

    /// <summary>A refusal, and what is so already, need no journal: clients that say the same at every connect would write each time.</summary>
    private ProfileDecision Decide(IUserMessage message)
    {
        var evenSo = _tried > _sequence;
        return message switch
        {
            UpdatePresence update => ProfileRules.Decide(
                _state.Profile,
                update.Update,
                _state.Seen,
                Versions.Next(_state.Version, Now),
                _clock.Wall,
                _state.Grace,
                evenSo
            ),
            SetPrivacy privacy => ProfileRules.Decide(_state.Profile, privacy.Rule, _clock.SharedTime, evenSo),
            _ => throw new InvalidOperationException($"nothing to choose in a {message.GetType().Name}"),
        };
    }

    private IAnswer Stored(IUserMessage message) =>
        message is SetPrivacy ? new PrivacyIs(_state.Profile.Privacy) : new PresenceUpdated(_state.SeenBy(_id, areContacts: true, Now));

    /// <summary>What the journal has holds, also where its time was over and it was answered <c>unavailable</c>: what is stored is the truth.</summary>
    private void OnWritten(FactsWritten written)
    {
        if (_inJournal is not { } done || done.Write != written.Write)
        {
            return;
        }

        _inJournal = null;
        var write = _writes.Take(done.Write);
        if (written.Outcome == WriteOutcome.Stored)
        {
            var profile = done.Facts.Aggregate(_state.Profile, (profile, fact) => profile.Apply(fact));
            _askedAt = (write?.Message as UpdatePresence)?.AskedAt;
            Adopt(profile, done.Last, CauseOf(write?.Message));
            _askedAt = null;
            if (write is not null)
            {
                Answer(write.Message, write.ReplyTo, Stored(write.Message));
            }
        }
        else
        {
            RefuseWrites(write is null ? [] : [write]);
        }

        if (written.Outcome == WriteOutcome.Unknown && !_stopping)
        {
            _tried = Math.Max(_tried, done.Last);
            _mustReadAgain = true;
            ReadAgain();
            Timers.StartSingleTimer(Tick.LookAgain, Tick.LookAgain, LateWrite);
        }

        WriteNext();
    }

    /// <summary>The connection that need not be told, since its client is answered.</summary>
    private ConnectionId? CauseOf(IUserMessage? message) =>
        message switch
        {
            UpdatePresence update => update.Cause,
            SetPrivacy { Device: { } device } => _devices.ConnectionOf(device),
            _ => null,
        };

    private Profile WithDefaults(Profile profile) => profile with { DefaultPrivacy = Options.Privacy.Rule };

    private void Adopt(Profile profile, long sequence, ConnectionId? cause)
    {
        if (sequence > _sequence)
        {
            _sequence = sequence;
            TellHeldBackConnect();
            Move((_state with { Grace = Grace() }).WithProfile(WithDefaults(profile), Now), cause);
            Project();
        }
    }

    private void Project() => _services.Writer.Tell(new WriteProfile(new(_id, _state.Profile, _sequence)));

    /// <summary>What waits to be stored waits for it too, and is refused with it.</summary>
    private void ReadAgain()
    {
        if (_readingAgain)
        {
            return;
        }

        _readingAgain = true;
        ReadThisLife(loaded =>
        {
            _readingAgain = false;
            if (AdoptStored(loaded))
            {
                _mustReadAgain = false;
                WriteNext();
            }
            else
            {
                RefuseWrites(_writes.TakeAllBut(_inJournal?.Write));
            }
        });
    }

    /// <summary>An entity that follows another one may have been loaded before a last write of that one was to be seen.</summary>
    private void LookAgainAfter(KnownUntil known)
    {
        if (known.Epoch > 0 && known.Epoch != _epoch && !_lookedAgain && Elapsed - _startedAt < Lately)
        {
            _lookedAgain = true;
            Timers.StartSingleTimer(Tick.LookAgain, Tick.LookAgain, LateWrite);
        }
    }

    private void LookAgain() =>
        ReadThisLife(loaded =>
        {
            if (!AdoptStored(loaded) && !_stopping)
            {
                Timers.StartSingleTimer(Tick.LookAgain, Tick.LookAgain, LateWrite);
            }
        });

    /// <summary>What was read before the user was erased is not adopted afterwards.</summary>
    private void ReadThisLife(Action<UserLoaded?> then)
    {
        var life = _erased;
        Read(
            viewer: null,
            loaded =>
            {
                if (_erasure is null && _erased == life)
                {
                    then(loaded);
                }
            }
        );
    }

    /// <summary>Whether it could be read.</summary>
    private bool AdoptStored(UserLoaded? loaded)
    {
        if (loaded is null or { Row.Profile: null })
        {
            return false;
        }

        if (loaded.Row is { Profile: { } profile } row)
        {
            Adopt(profile, row.Sequence, cause: null);
        }

        return true;
    }

    /// <summary>The next entity is to read what this one has written: it stops when the outcome is known, or a little later all the same.</summary>
    private void StopWhenWritten()
    {
        RefuseWrites(_writes.TakeAllBut(_inJournal?.Write));
        RefuseReads();
        RefuseStashed();
        if (_acknowledged is { Any: true })
        {
            _flushing = true;
            _services.Events.Tell(FlushWrites.Instance);
        }

        if (!StopIfWritten())
        {
            _stopping = true;
            Timers.StartSingleTimer(Tick.StopOverdue, Tick.StopOverdue, StopLimit);
        }
    }

    private bool StopIfWritten()
    {
        var written = _inJournal is null && !_flushing;
        if (written)
        {
            Context.Stop(Self);
        }

        return written;
    }

    /// <summary>What else comes is lost, as with an entity that is gone: who asked asks again.</summary>
    private void OnStopping(object message)
    {
        switch (message)
        {
            case FactsWritten written:
                OnWritten(written);
                StopIfWritten();
                break;
            case Done:
                _flushing = false;
                StopIfWritten();
                break;
            case Tick tick when tick == Tick.WriteOverdue:
                RefuseWrites(_writes.TakeOverdue(Elapsed));
                break;
            case Tick tick when tick == Tick.StopOverdue:
                Context.Stop(Self);
                break;
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
}
