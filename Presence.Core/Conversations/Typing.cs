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
/// <param name="CalledBy">The device that calls by HTTP, if it names itself. It is told apart from the others, and its end ends nothing.</param>
public sealed record TypingCommand(UserId Typist, DeviceId? Device, bool IsTyping, PrivacyRule? Rule, DeviceId? CalledBy = null);

/// <summary>A device on which somebody types, until then; null: by HTTP, and it did not name itself.</summary>
/// <param name="Device">Which.</param>
/// <param name="ByCall">By HTTP: that ends by its time alone.</param>
/// <param name="EndsAt">Until when.</param>
public readonly record struct TypingOn(DeviceId? Device, bool ByCall, DateTimeOffset EndsAt);

/// <summary>Somebody types, on one device or several, until the last of them has stopped.</summary>
/// <param name="Typist">Who.</param>
/// <param name="Devices">On which devices: at least one.</param>
/// <param name="Rule">By which the viewers are chosen.</param>
/// <param name="AnnouncedAt">When it was last told.</param>
public sealed record TypingLease(UserId Typist, ImmutableArray<TypingOn> Devices, PrivacyRule Rule, DateTimeOffset AnnouncedAt)
{
    /// <summary>The most devices that are told apart; of more, the one that ends first is not counted any more.</summary>
    public const int MostDevices = 10;

    /// <summary>When it ends if nothing more is heard.</summary>
    public DateTimeOffset EndsAt => Devices.Max(on => on.EndsAt);

    /// <summary>The same devices, and that one.</summary>
    internal static ImmutableArray<TypingOn> Add(ImmutableArray<TypingOn> devices, TypingOn on) =>
        devices.Length < MostDevices ? devices.Add(on) : devices.Remove(devices.MinBy(other => other.EndsAt)).Add(on);
}

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
    public IEnumerable<TypingLease> SeenBy(UserId? viewer, Func<UserId, bool> isContactOfViewer, Func<UserId, bool>? viewerBlocks = null) =>
        Leases
            .Values.Where(lease =>
                viewer is not { } id
                || (
                    lease.Typist != id
                    && Audience.SeesTyping(lease.Rule, id, isContactOfViewer(lease.Typist), viewerBlocks?.Invoke(lease.Typist) == true)
                )
            )
            .OrderBy(lease => lease.Typist.Value, StringComparer.Ordinal);

    /// <summary>A keystroke or its end. Renewals are announced at most every 3 s or a third of the ttl, whichever is less; a start after a stop at once.</summary>
    public TypingStep On(TypingCommand command, DateTimeOffset now, TimeSpan ttl)
    {
        if (!Participants.Contains(command.Typist))
        {
            return new(this, Refusal.NotAParticipant, []);
        }

        var device = command.Device ?? command.CalledBy;
        if (command.Rule is null || (!command.IsTyping && device is null))
        {
            return End(command.Typist);
        }

        if (!command.IsTyping)
        {
            return EndOn(command.Typist, on => on.Device == device, now);
        }

        var known = Leases.GetValueOrDefault(command.Typist);
        var otherRule = known is not null && !known.Rule.Equals(command.Rule);
        // Either way around: a clock that went back must not silence the renewals.
        var announce = known is null || otherRule || (now - known.AnnouncedAt).Duration() >= RenewalPause(ttl);
        var others = known?.Devices.RemoveAll(on => on.Device == device || on.EndsAt <= now) ?? [];
        var devices = TypingLease.Add(others, new(device, ByCall: command.Device is null, now + ttl));
        var lease = new TypingLease(command.Typist, devices, command.Rule, announce ? now : known!.AnnouncedAt);
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

    /// <summary>A device disconnected: it types no more.</summary>
    public TypingStep EndOf(UserId typist, DeviceId device, DateTimeOffset now) =>
        EndOn(typist, on => on.Device == device && !on.ByCall, now);

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

    /// <summary>It ends on those devices; for others, when it has ended on all.</summary>
    private TypingStep EndOn(UserId typist, Predicate<TypingOn> which, DateTimeOffset now)
    {
        if (!Leases.TryGetValue(typist, out var lease))
        {
            return new(this, null, []);
        }

        var left = lease.Devices.RemoveAll(on => which(on) || on.EndsAt <= now);
        return left.IsEmpty ? End(typist) : new(this with { Leases = Leases.SetItem(typist, lease with { Devices = left }) }, null, []);
    }

    private static TimeSpan RenewalPause(TimeSpan ttl) => TimeSpan.FromTicks(Math.Min(TimeSpan.FromSeconds(3).Ticks, ttl.Ticks / 3));
}
