using System.Globalization;
using System.Text;
using Presence.Benchmarks.Smoke;
using Presence.Benchmarks.Wire;

namespace Presence.Benchmarks.Faults.Crowds;

/// <summary>What one watcher was shown of its contacts, judged as it comes.</summary>
internal sealed class Sights(int watcher, Crowd crowd)
{
    private readonly Sight[] _sights = new Sight[crowd.Ring.Contacts];
    private bool _resumed;

    /// <summary>What is shown of a contact.</summary>
    public Sight this[int slot] => _sights[slot];

    /// <summary>A connection begins.</summary>
    public void Begin(bool resumed)
    {
        _resumed = resumed;
        for (var slot = 0; slot < _sights.Length; slot++)
        {
            _sights[slot].Told = 0;
            if (!resumed)
            {
                _sights[slot].Connection = 0;
                _sights[slot].Named = false;
            }
        }
    }

    /// <summary>A record of a snapshot.</summary>
    public void TakeSnapshot(ref FrameFields record)
    {
        if (record.User == watcher)
        {
            return;
        }

        if (SlotOf(record.User) is not { } slot)
        {
            return;
        }

        ref var sight = ref _sights[slot];
        sight.Named = true;
        if (record.Certainty.SequenceEqual("unknown"u8))
        {
            sight.Unknown = true;
            return;
        }

        if (record.Version < sight.Newest)
        {
            if (_resumed)
            {
                Broken(Word.Order, slot, ref record, "in the snapshot of a resume");
            }
            else
            {
                crowd.Board.AddOlderInFreshSnapshot();
            }
        }

        Accept(ref sight, ref record);
    }

    /// <summary>The last record of a snapshot was there: a contact that a whole one doesn't name is offline.</summary>
    public void EndSnapshot()
    {
        for (var slot = 0; slot < _sights.Length && !_resumed; slot++)
        {
            if (!_sights[slot].Named)
            {
                (_sights[slot].Online, _sights[slot].Unknown) = (false, false);
                JudgeOffline(_sights[slot].User ??= crowd.Ring.ContactIn(watcher, slot), null, "by a snapshot without its name");
            }
        }
    }

    /// <summary>A push.</summary>
    public void TakePush(ref FrameFields record)
    {
        crowd.Board.AddPush();
        if (record.User == watcher)
        {
            return;
        }

        if (SlotOf(record.User) is not { } slot)
        {
            return;
        }

        ref var sight = ref _sights[slot];
        if (record.Certainty.SequenceEqual("unknown"u8))
        {
            sight.Unknown = true;
            return;
        }

        if (record.Version < sight.Connection)
        {
            Broken(Word.Order, slot, ref record, "pushed");
        }
        else if (record.Version == sight.Told && !sight.Unknown)
        {
            Broken(Word.Doubled, slot, ref record, "pushed");
        }
        else if (record.Version == sight.Connection && !sight.Unknown)
        {
            crowd.Board.AddToldAgain();
        }

        Accept(ref sight, ref record);
    }

    private void Accept(ref Sight sight, ref FrameFields record)
    {
        sight.User ??= record.User;
        sight.Unknown = false;
        sight.Connection = Math.Max(sight.Connection, record.Version);
        sight.Told = record.Version;
        if (record.Version < sight.Newest)
        {
            return;
        }

        var number = Choices.NumberIn(record.Text);
        if (number < sight.Number && record.Version > sight.Newest)
        {
            crowd.Board.Findings.Broken(
                Word.Revived,
                $"{Name(watcher)} was shown {Name(record.User)} with n{number} as version {record.Version} after n{sight.Number} as {sight.Newest}"
            );
        }

        (sight.Newest, sight.Number, sight.Online) = (record.Version, number, record.Online);
        if (record.Status.SequenceEqual("offline"u8))
        {
            JudgeOffline(
                record.User,
                crowd.HasFalseClocks ? null : TimeOf(record.UpdatedAt),
                string.Create(CultureInfo.InvariantCulture, $"as version {record.Version}")
            );
        }
    }

    private void JudgeOffline(int user, DateTime? changedAt, string how)
    {
        var whereabouts = crowd.People[user].Whereabouts;
        if (!whereabouts.MayBeOffline(DateTime.UtcNow, changedAt, crowd.Grace))
        {
            var away = whereabouts.AwaySince is { } since
                ? string.Create(CultureInfo.InvariantCulture, $"away since {since:HH:mm:ss.fff}")
                : $"connected to {crowd.People[user].Node}";
            crowd.Board.Findings.Broken(
                Word.Flap,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Name(watcher)} (on {crowd.People[watcher].Node}) was shown {Name(user)} offline {how}, changed at {changedAt:HH:mm:ss.fff}, who is {away}"
                )
            );
        }
    }

    private void Broken(Word word, int slot, ref FrameFields record, string how)
    {
        var sight = _sights[slot];
        crowd.Board.Findings.Broken(
            word,
            $"{Name(watcher)} (on {crowd.People[watcher].Node}) has {Name(record.User)} at {sight.Connection} (newest {sight.Newest}), and was shown {record.Version}, {how}, {Encoding.UTF8.GetString(record.Status)} {Encoding.UTF8.GetString(record.Text)}"
        );
    }

    private int? SlotOf(int user)
    {
        var slot = user < 0 ? -1 : crowd.Ring.SlotOf(watcher, user);
        if (slot < 0)
        {
            crowd.Board.Findings.Broken(Word.Stranger, $"{Name(watcher)} was told of {user}");
        }

        return slot < 0 ? null : slot;
    }

    private static DateTime? TimeOf(ReadOnlySpan<byte> text) =>
        DateTime.TryParse(Encoding.ASCII.GetString(text), CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;

    private static string Name(int user) => ContactRing.Id(user);

    /// <summary>What is shown of one contact.</summary>
    internal struct Sight
    {
        /// <summary>Who; null before it was named.</summary>
        public int? User;

        /// <summary>The newest version, over all connections.</summary>
        public long Newest;

        /// <summary>The newest version on this connection and those that it resumes.</summary>
        public long Connection;

        /// <summary>The version told last on this very connection.</summary>
        public long Told;

        /// <summary>The number of its text.</summary>
        public int Number;

        public bool Online;

        /// <summary>The service said that it does not know.</summary>
        public bool Unknown;

        /// <summary>Named by the snapshot that is being read.</summary>
        public bool Named;
    }
}
