using Akka.Actor;
using Presence.Actors.Users;
using Presence.Core.Privacy;
using Presence.Core.Users;

namespace Presence.Actors.Hub;

/// <summary>A user whom sockets of this node watch: the last state that the entity told, already encoded, and who watches.</summary>
internal sealed class WatchedUser(UserId id, IPushEncoder encoder)
{
    private ReadOnlyMemory<byte>? _full;
    private ReadOnlyMemory<byte>? _withoutLastSeen;
    private ReadOnlyMemory<byte>? _unknown;
    private bool _presumed;

    /// <summary>Who.</summary>
    public UserId Id { get; } = id;

    /// <summary>The sockets that watch.</summary>
    public HashSet<HubSocket> Viewers { get; } = [];

    /// <summary>The snapshots that wait for the first answer.</summary>
    public HashSet<PendingSnapshot> Waiting { get; } = [];

    /// <summary>The sockets that were told, in a snapshot, that nothing is known.</summary>
    public HashSet<HubSocket> ToldUnknown { get; } = [];

    /// <summary>The sockets that were told <c>grace</c>: they are told once it is confirmed, though nothing else be new.</summary>
    public HashSet<HubSocket> ToldGrace { get; } = [];

    /// <summary>The last version under which a socket was told <c>grace</c>, be it gone since: what is confirmed must be above it.</summary>
    public long PresumedVersion { get; private set; }

    /// <summary>The sockets that came back while the entity was out of reach, or shortly before: what they have may be newer than what is known here. They are told what the next entity says, also where it is the same as before under a later version; with true, what this one says too, of which they were told nothing.</summary>
    public Dictionary<HubSocket, bool> Owed { get; } = [];

    /// <summary>The entity, once it has answered; death-watched.</summary>
    public IActorRef? Entity { get; set; }

    /// <summary>When the entity was last asked, while it has not answered; else null.</summary>
    public TimeSpan? AskedAt { get; set; }

    /// <summary>Since when it has not answered.</summary>
    public TimeSpan AskedSince { get; set; }

    /// <summary>When it is asked again.</summary>
    public Retry Retry { get; } = new();

    /// <summary>What is known may be old: the entity has not answered for long.</summary>
    public bool GivenUp { get; set; }

    /// <summary>Whether cursors of those who watch may say nothing of this user: nothing is known, or nothing that is sure.</summary>
    public bool IsDoubtful => !Known || GivenUp;

    /// <summary>Since when nobody watches; null while somebody does.</summary>
    public TimeSpan? UnwatchedAt { get; set; }

    /// <summary>Whether anything was ever told.</summary>
    public bool Known { get; private set; }

    /// <summary>Whether what is known is so, and no device is only presumed to come back.</summary>
    public bool IsSure => Presence.Certainty != Certainty.Grace;

    /// <summary>Whether it is so, under a version above all that was told as presumed.</summary>
    public bool IsAbovePresumed => IsSure && Presence.Version > PresumedVersion;

    /// <summary>The record before anybody's sight is applied.</summary>
    public PresenceRecord Presence { get; private set; } = PresenceRecord.Unknown(id);

    /// <summary>The audience rule.</summary>
    public PrivacyRule Rule { get; private set; } = PrivacyRule.Default;

    /// <summary>When the rule was chosen; null: never.</summary>
    public DateTimeOffset? RuleAt { get; private set; }

    /// <summary>Orders what the entity tells.</summary>
    public long Version { get; private set; }

    /// <summary>Of the entity that told it; what one with a smaller epoch tells is refused.</summary>
    public long Epoch { get; private set; }

    /// <summary>The epoch of the latest entity that was heard to have begun, be it that nothing else was heard of it yet.</summary>
    public long Begun { get; set; }

    /// <summary>When the entity was found to be gone, until another one has answered.</summary>
    public TimeSpan? LostAt { get; set; }

    /// <summary>Takes what the entity tells, and forgets what was encoded.</summary>
    /// <param name="changed">What it tells.</param>
    /// <param name="revived">Another entity than before tells it.</param>
    public void Take(PresenceChanged changed, bool revived)
    {
        var presence = changed.Presence;
        // A revived entity presumes that devices are there until they are back: what it says of them meanwhile is no news, also where they were gone and that was not stored.
        _presumed = (_presumed || revived) && presence.Certainty == Certainty.Grace;
        var taken =
            !_presumed ? presence
            : Presence.OnlineStatus == OnlineStatus.Offline ? Presence with { Version = presence.Version, UpdatedAt = presence.UpdatedAt }
            : presence with { OnlineStatus = Presence.OnlineStatus, Platforms = Presence.Platforms };
        (Known, Presence, Rule, RuleAt) = (true, taken, changed.Rule, changed.RuleAt);
        (Version, Epoch) = (changed.Version, changed.Epoch);
        (_full, _withoutLastSeen) = (null, null);
    }

    /// <summary>The user was erased: nothing of it is known any more, and that is what is known.</summary>
    public void Forget(long epoch)
    {
        (Presence, Rule, RuleAt) = (PresenceRecord.Unknown(Id), PrivacyRule.Default, null);
        (Version, Epoch) = (0, epoch);
        (_presumed, _full, _withoutLastSeen) = (false, null, null);
        PresumedVersion = 0;
    }

    /// <summary>That viewer is being told what is known, under that version.</summary>
    public void NoteTold(HubSocket viewer, Sight sight, long version)
    {
        if (IsSure || sight == Sight.Nothing)
        {
            ToldGrace.Remove(viewer);
        }
        else
        {
            ToldGrace.Add(viewer);
            PresumedVersion = Math.Max(PresumedVersion, version);
        }
    }

    /// <summary>What this viewer may see.</summary>
    public Sight SightOf(HubSocket viewer) => SightOf(viewer, Rule);

    /// <summary>What this viewer may see under that rule. Whether the two are contacts is looked up only where the rule asks: one change is told to thousands.</summary>
    public Sight SightOf(HubSocket viewer, PrivacyRule rule) =>
        Audience.SightOf(rule, viewer.User.Id, rule.AsksForContacts && viewer.User.Contacts.Contains(Id), viewer.User.Blocked.Contains(Id));

    /// <summary>The record as one with that sight may see it, while it is told as it happens: its own version says nothing that the moment doesn't.</summary>
    public PresenceRecord Shown(Sight sight) => Audience.Show(Presence, sight, Presence.Version);

    /// <summary>Whether one with that sight may not know since when the record is so. It must be told under a version of now, alone.</summary>
    public bool HidesTime(Sight sight) => Audience.HidesTime(Presence, sight);

    /// <summary>The record as one with that sight may see it, encoded for a snapshot; once for all who see alike. Not where it <see cref="HidesTime"/>.</summary>
    public ReadOnlyMemory<byte> Encoded(Sight sight) =>
        sight switch
        {
            Sight.Full => _full ??= encoder.Record(Presence),
            Sight.WithoutLastSeen => _withoutLastSeen ??= encoder.Record(Shown(sight)),
            _ => _unknown ??= encoder.Record(PresenceRecord.Unknown(Id)),
        };
}
