using Akka.Actor;
using Presence.Core.Errors;
using Presence.Core.Json;
using Presence.Core.Limits;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <content>How often the person may do something, over all devices and channels. An entity that moved, or was passivated, begins anew.</content>
public sealed partial class UserActor
{
    private Allowance _changes;
    private Allowance _rules;
    private Allowance _activities;
    private Allowance _typings;
    private Dictionary<DeviceId, bool>? _heldBack;

    /// <summary>All that a user can do again and again to have every watcher told: a rule that hides and shows, and the end of an own device, are as good for that as a status, and have an allowance of the same size.</summary>
    private Refusal? RefuseChange(IUserMessage message) =>
        message switch
        {
            UpdatePresence { ByService: false } => RefuseChange(_changes.Take(Options.Limits.Changes, Elapsed.Ticks)),
            SetPrivacy { ByService: false } or RemoveDevice { ByService: false } => RefuseChange(
                _rules.Take(Options.Limits.Changes, Elapsed.Ticks)
            ),
            _ => null,
        };

    /// <summary>The rule goes into the journal, and to every hub that watches the user, whole with each change.</summary>
    private Refusal? RefuseSize(IUserMessage message)
    {
        if (message is not SetPrivacy privacy || privacy.Rule.JsonBytes() <= Options.Limits.PrivacyRuleBytes)
        {
            return null;
        }

        _services.Counters.AddLimited(nameof(LimitOptions.PrivacyRuleBytes));
        return new(ErrorCodes.TooLarge, $"the privacy rule is over {Options.Limits.PrivacyRuleBytes} bytes");
    }

    private Refusal? RefuseChange(TimeSpan? retryAfter) =>
        Refuse(
            retryAfter,
            nameof(LimitOptions.ChangesPerSecond),
            $"more changes of the presence than {Options.Limits.ChangesBurst}, and {Options.Limits.ChangesPerSecond} a second from then on"
        );

    /// <summary>
    /// A heartbeat is never refused. That the person is idle now, or active, is told at once within the rate of changes, by an allowance of its own,
    /// since a client tells it unasked; over that the latest of each device waits until there is room.
    /// </summary>
    private void OnHeard(DeviceHeard heard)
    {
        var told = heard;
        if (_devices.LatestOf(heard.DeviceId) == heard.Connection)
        {
            told = heard with { Active = IsFirstWord(heard) ? Tell(heard.DeviceId, heard.Active) : Allow(heard.DeviceId, heard.Active) };
        }

        _devices.ChildOf(heard.DeviceId)?.Tell(told);
    }

    /// <summary>What the device is to be told now; null: nothing, it is as it was, or has to wait.</summary>
    private bool? Allow(DeviceId device, bool? said)
    {
        if (
            said is { } active
            && _devices.IsActive(device) != active
            && _activities.Take(Options.Limits.Changes, Elapsed.Ticks) is { } wait
        )
        {
            HoldBack(device, active, wait);
            return null;
        }

        return Tell(device, said);
    }

    private bool? Tell(DeviceId device, bool? said)
    {
        if (said is { } active)
        {
            _heldBack?.Remove(device);
            _devices.Told(device, active);
        }

        return said;
    }

    private void HoldBack(DeviceId device, bool active, TimeSpan wait)
    {
        (_heldBack ??= [])[device] = active;
        if (!Timers.IsTimerActive(Tick.ActivityDue))
        {
            _services.Counters.AddLimited(nameof(LimitOptions.ChangesPerSecond));
            Timers.StartSingleTimer(Tick.ActivityDue, Tick.ActivityDue, wait);
        }
    }

    private void TellHeldBack()
    {
        foreach (var (device, active) in _heldBack?.ToList() ?? [])
        {
            _heldBack!.Remove(device);
            if (_devices.ChildOf(device) is { } child && Allow(device, active) is { } now)
            {
                child.Tell(new ActivityTold(now));
            }
        }
    }

    private Refusal? RefuseTyping() =>
        Refuse(
            _typings.Take(Options.Limits.Typings, Elapsed.Ticks),
            nameof(LimitOptions.TypingPerSecond),
            $"more typing than {Options.Limits.TypingBurst}, and {Options.Limits.TypingPerSecond} a second from then on"
        );

    private Refusal? Refuse(TimeSpan? retryAfter, string limit, string what)
    {
        if (retryAfter is not { } time)
        {
            return null;
        }

        _services.Counters.AddLimited(limit);
        return Refusal.RateLimited(what, time);
    }
}
