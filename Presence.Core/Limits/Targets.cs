using Presence.Core.Conversations;
using Presence.Core.Users;

namespace Presence.Core.Limits;

/// <summary>Which users and conversations each viewer has asked about in the hour that began with its first question. Against somebody who reads everybody, one by one.</summary>
/// <remarks>
/// Each node counts for itself, and forgets with its end. A user who was asked about already costs nothing more. A target is kept as a hash of 4 bytes: two with the same one
/// count as one, in favour of the viewer. What it keeps over all viewers is bounded; over that the viewer who asked longest ago is forgotten.
/// </remarks>
/// <param name="limit">Different users a viewer may ask about an hour.</param>
/// <param name="capacity">Targets kept in all, each viewer counted as <see cref="ViewerWeight"/> more; the default takes some 40 MB at the most.</param>
public sealed class Targets(int limit, int capacity = 2_000_000)
{
    /// <summary>As many targets as take what a viewer takes.</summary>
    public const int ViewerWeight = 20;

    private static readonly long Hour = TimeSpan.FromHours(1).Ticks;

    private readonly Lock _gate = new();
    private readonly Dictionary<UserId, LinkedListNode<Viewer>> _viewers = [];
    private readonly LinkedList<Viewer> _byLastQuestion = [];
    private int _kept;

    /// <summary>Notes whom the viewer asks about, all or none of them.</summary>
    /// <param name="who">The viewer.</param>
    /// <param name="about">Whom it asks about; itself is nobody's target.</param>
    /// <param name="now">The time, since whenever, by a clock that nobody sets.</param>
    /// <returns>Null where it may; else when its hour is over.</returns>
    public TimeSpan? Take(UserId who, IEnumerable<UserId> about, TimeSpan now) =>
        Take(who, about.Where(user => user != who).Select(user => HashOf(user.Value)).ToHashSet(), now);

    /// <summary>Notes which conversation the viewer asks for, whether or not there is one.</summary>
    /// <returns>Null where it may; else when its hour is over.</returns>
    public TimeSpan? Take(UserId who, ConversationId about, TimeSpan now) =>
        Take(who, [HashCode.Combine(nameof(ConversationId), HashOf(about.Value))], now);

    private TimeSpan? Take(UserId who, HashSet<int> asked, TimeSpan now)
    {
        if (asked.Count == 0)
        {
            return null;
        }

        lock (_gate)
        {
            ForgetOver(now.Ticks);
            var viewer = ViewerOf(who, now.Ticks);
            var fresh = asked.Where(hash => !viewer.Targets.Contains(hash)).ToList();
            if (viewer.Targets.Count + fresh.Count > limit)
            {
                return TimeSpan.FromTicks(viewer.Since + Hour - now.Ticks);
            }

            viewer.Targets.UnionWith(fresh);
            _kept += fresh.Count;
            while (_kept > capacity && _byLastQuestion.First is { } oldest && oldest.Value != viewer)
            {
                Forget(oldest);
            }

            return null;
        }
    }

    private static int HashOf(string id) => id.GetHashCode(StringComparison.Ordinal);

    private Viewer ViewerOf(UserId who, long now)
    {
        if (_viewers.TryGetValue(who, out var known))
        {
            if (now - known.Value.Since < Hour)
            {
                _byLastQuestion.Remove(known);
                _byLastQuestion.AddLast(known);
                return known.Value;
            }

            Forget(known);
        }

        _kept += ViewerWeight;
        return (_viewers[who] = _byLastQuestion.AddLast(new Viewer(who, now))).Value;
    }

    /// <summary>Those of whom nothing counts any more, as far as they stand first: the others go when they get there.</summary>
    private void ForgetOver(long now)
    {
        while (_byLastQuestion.First is { } oldest && now - oldest.Value.Since >= Hour)
        {
            Forget(oldest);
        }
    }

    private void Forget(LinkedListNode<Viewer> viewer)
    {
        _kept -= ViewerWeight + viewer.Value.Targets.Count;
        _viewers.Remove(viewer.Value.Who);
        _byLastQuestion.Remove(viewer);
    }

    private sealed class Viewer(UserId who, long since)
    {
        public UserId Who { get; } = who;

        public long Since { get; } = since;

        public HashSet<int> Targets { get; } = [];
    }
}
