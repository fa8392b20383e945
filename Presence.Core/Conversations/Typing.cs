using System.Collections.Immutable;
using Presence.Core.Errors;
using Presence.Core.Privacy;
using Presence.Core.Users;

namespace Presence.Core.Conversations;

/// <summary>Somebody's keystroke, or its end.</summary>
/// <param name="Typist">Who.</param>
/// <param name="Device">On which device; null: by HTTP without one. A device that disconnects ends what it began.</param>
/// <param name="IsTyping">False: stopped.</param>
/// <param name="Rule">The typist's audience rule, or null where nobody may be told: typing is switched off, or the typist is invisible.</param>
public sealed record TypingCommand(UserId Typist, DeviceId? Device, bool IsTyping, PrivacyRule? Rule);

/// <summary>Somebody types, until <see cref="EndsAt"/>.</summary>
public sealed record TypingLease(UserId Typist, DeviceId? Device, PrivacyRule Rule, DateTimeOffset EndsAt, DateTimeOffset AnnouncedAt);

/// <summary>What is to be told to those who may see it.</summary>
/// <param name="Lease">Whose; carries the rule by which viewers are chosen.</param>
/// <param name="IsTyping">False: it ended.</param>
public sealed record TypingAnnouncement(TypingLease Lease, bool IsTyping);

/// <summary>What a step comes to.</summary>
public sealed record TypingStep(ConversationTyping State, Refusal? Refusal, ImmutableArray<TypingAnnouncement> Announcements);

/// <summary>Who types in a conversation. Nothing of it is stored: the next keystroke rebuilds it.</summary>
/// <param name="Participants">Who takes part.</param>
/// <param name="Leases">Who types.</param>
public sealed record ConversationTyping(ImmutableHashSet<UserId> Participants, ImmutableDictionary<UserId, TypingLease> Leases)
{
    /// <summary>Nobody takes part.</summary>
    public static ConversationTyping Empty { get; } = new([], ImmutableDictionary<UserId, TypingLease>.Empty);

    /// <summary>When the next lease ends; null while nobody types.</summary>
    public DateTimeOffset? NextEnd => Leases.IsEmpty ? null : Leases.Values.Min(lease => lease.EndsAt);

    /// <summary>Who types, as that participant may see it; never the viewer itself. A viewer that is null is a service, which sees all.</summary>
    public IEnumerable<TypingLease> SeenBy(UserId? viewer, Func<UserId, bool> isContactOfViewer) =>
        Leases
            .Values.Where(lease =>
                viewer is not { } id || (lease.Typist != id && Audience.SeesTyping(lease.Rule, id, isContactOfViewer(lease.Typist)))
            )
            .OrderBy(lease => lease.Typist.Value, StringComparer.Ordinal);

    /// <summary>A keystroke or its end. Renewals are announced at most every 3 s or a third of the ttl, whichever is less; a start after a stop at once.</summary>
    public TypingStep On(TypingCommand command, DateTimeOffset now, TimeSpan ttl)
    {
        if (!Participants.Contains(command.Typist))
        {
            return new(this, Refusal.NotAParticipant, []);
        }

        if (!command.IsTyping || command.Rule is null)
        {
            return End(command.Typist);
        }

        var known = Leases.GetValueOrDefault(command.Typist);
        var otherRule = known is not null && !known.Rule.Equals(command.Rule);
        // Either way around: a clock that went back must not silence the renewals.
        var announce = known is null || otherRule || (now - known.AnnouncedAt).Duration() >= RenewalPause(ttl);
        var lease = new TypingLease(command.Typist, command.Device, command.Rule, now + ttl, announce ? now : known!.AnnouncedAt);
        return new(
            this with
            {
                Leases = Leases.SetItem(command.Typist, lease),
            },
            null,
                // Who may no longer see it was told of the start, and is told of the end.
                otherRule ? [new(known!, false), new(lease, true)]
                : announce ? [new(lease, true)]
                : []
        );
    }

    /// <summary>The user stopped, left, or may no longer be seen.</summary>
    public TypingStep End(UserId typist) =>
        Leases.TryGetValue(typist, out var lease)
            ? new(this with { Leases = Leases.Remove(typist) }, null, [new(lease, false)])
            : new(this, null, []);

    /// <summary>A device disconnected: what it began, and no other device went on with, ends.</summary>
    public TypingStep EndOf(UserId typist, DeviceId device) =>
        Leases.TryGetValue(typist, out var lease) && lease.Device == device ? End(typist) : new(this, null, []);

    /// <summary>Time passed: what was not renewed ends.</summary>
    public TypingStep Expire(DateTimeOffset now)
    {
        var ended = Leases.Values.Where(lease => lease.EndsAt <= now).ToImmutableArray();
        return new(
            this with
            {
                Leases = Leases.RemoveRange(ended.Select(lease => lease.Typist)),
            },
            null,
            [.. ended.Select(lease => new TypingAnnouncement(lease, false))]
        );
    }

    /// <summary>Others take part now; who left no longer types.</summary>
    public TypingStep WithParticipants(ImmutableHashSet<UserId> participants)
    {
        var left = Leases.Values.Where(lease => !participants.Contains(lease.Typist)).ToImmutableArray();
        return new(
            new(participants, Leases.RemoveRange(left.Select(lease => lease.Typist))),
            null,
            [.. left.Select(lease => new TypingAnnouncement(lease, false))]
        );
    }

    private static TimeSpan RenewalPause(TimeSpan ttl) => TimeSpan.FromTicks(Math.Min(TimeSpan.FromSeconds(3).Ticks, ttl.Ticks / 3));
}
