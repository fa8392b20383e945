using Presence.Core.Errors;
using Presence.Core.Limits;

namespace Presence.Actors.Users;

/// <content>How often the person may do something, over all devices and channels. An entity that moved, or was passivated, begins anew.</content>
public sealed partial class UserActor
{
    private Allowance _changes;
    private Allowance _typings;

    private Refusal? RefuseChange(IUserMessage message) =>
        message is UpdatePresence { ByService: false }
            ? Refuse(
                _changes.Take(Options.Limits.Changes, Now.Ticks),
                nameof(LimitOptions.ChangesPerSecond),
                $"more changes of the presence than {Options.Limits.ChangesBurst}, and {Options.Limits.ChangesPerSecond} a second from then on"
            )
            : null;

    private Refusal? RefuseTyping() =>
        Refuse(
            _typings.Take(Options.Limits.Typings, Now.Ticks),
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
