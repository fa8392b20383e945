namespace Presence.Benchmarks.Privacy;

/// <summary>Knows what is so of every person, and was, and judges each thing that a viewer is given: it must show what the rule allows at some moment since the viewer was last sure to have heard everything.</summary>
/// <remarks>Called by the driver and by all readers; one at a time.</remarks>
/// <param name="plant">A fault made on purpose: what becomes of each thing that is given, before it is judged.</param>
internal sealed class Oracle(Func<Delivered, Delivered>? plant = null)
{
    private const int MostFaults = 50;
    private const int MostDone = 40;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<(long Moment, Facts Facts)>> _histories = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, string), List<(long Moment, bool Are)>> _contacts = [];
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];
    private readonly Queue<string> _done = new();
    private long _moment;
    private long _heardUntil;

    /// <summary>How many things were judged, by channel.</summary>
    public IReadOnlyDictionary<string, long> Counts => With(() => _counts.ToDictionary(StringComparer.Ordinal));

    /// <summary>How many in all.</summary>
    public long Count => With(() => _counts.Values.Sum());

    /// <summary>How many showed what they must not, or hid what they must show.</summary>
    public long FaultCount { get; private set; }

    /// <summary>The first of those.</summary>
    public IReadOnlyList<string> Faults => With(() => _faults.ToList());

    /// <summary>What is so of that person now.</summary>
    public Facts Now(string user) => With(() => HistoryOf(user)[^1].Facts);

    /// <summary>Whether the two are contacts now.</summary>
    public bool AreContacts(string one, string other) => With(() => ContactsOf(one, other)[^1].Are);

    /// <summary>From now on something else may be so.</summary>
    public void Change(string user, Func<Facts, Facts> change) =>
        With(() =>
        {
            var history = HistoryOf(user);
            history.Add((++_moment, change(history[^1].Facts)));
            Note(user, history[^1].Facts);
            return true;
        });

    /// <summary>The same of two who become, or cease to be, contacts.</summary>
    public void Change(string one, string other, bool are) =>
        With(() =>
        {
            ContactsOf(one, other).Add((++_moment, are));
            Note($"{one} and {other}", are ? "contacts" : "no contacts");
            return true;
        });

    /// <summary>Everybody has heard of all that has changed by now: what was so before is over.</summary>
    public void AllHaveHeard() =>
        With(() =>
        {
            _heardUntil = _moment;
            return true;
        });

    /// <summary>A viewer is given a presence.</summary>
    /// <param name="channel">How.</param>
    /// <param name="viewer">Who.</param>
    /// <param name="given">What.</param>
    /// <param name="isPush">It has a version, and a time, of its own.</param>
    /// <param name="asked">When it was asked for, in microseconds since 1970; 0: it was not.</param>
    public void Judge(string channel, string viewer, Delivered given, bool isPush, long asked) =>
        With(() =>
        {
            Note(channel);
            given = plant?.Invoke(given) ?? given;
            if (given.User == viewer)
            {
                return given.IsOwners || Fault(channel, viewer, given, "the owner's view lacks its field");
            }

            if (given.IsOwners || given.Status == "invisible")
            {
                return Fault(channel, viewer, given, "that is the owner's alone");
            }

            if (given.TellsThatItIsNotKnown)
            {
                return true;
            }

            var views = ViewsOf(given.User, viewer);
            return views.Any(view =>
                    (given.Shows(view, isPush) && (!view.HidesWhen || given.Version is 0 || given.Version >= asked))
                    || (!isPush && given.Presumes(view))
                )
                || (isPush && given.IsNothing && WereContacts(given.User, viewer))
                || Fault(channel, viewer, given, $"it may show {string.Join(" or ", views.Distinct())}");
        });

    /// <summary>A viewer is told that somebody types.</summary>
    public void JudgeTyping(string channel, string viewer, string typist) =>
        With(() =>
        {
            Note(channel);
            return InForce(HistoryOf(typist))
                    .Any(facts =>
                        facts.Types
                        && facts.SetStatus != "invisible"
                        && InForce(ContactsOf(typist, viewer)).Any(contacts => facts.Rule.ShowsTyping(viewer, contacts))
                    ) || Fault(channel, viewer, typist, "may not be seen to type");
        });

    /// <summary>Who types, as a viewer who has heard everything asks for it: those, and no others.</summary>
    public void JudgeTypists(string viewer, IReadOnlyCollection<string> typists) =>
        With(() =>
        {
            Note("typing at rest");
            var expected = _histories
                .Where(entry => entry.Key != viewer && entry.Value[^1].Facts is { Types: true } facts)
                .Where(entry => entry.Value[^1].Facts.Rule.ShowsTyping(viewer, ContactsOf(entry.Key, viewer)[^1].Are))
                .Select(entry => entry.Key)
                .Order(StringComparer.Ordinal)
                .ToList();
            return expected.SequenceEqual(typists.Order(StringComparer.Ordinal))
                || Fault("typing at rest", viewer, string.Join(' ', typists), $"it is to be: {string.Join(' ', expected)}");
        });

    /// <summary>What a viewer who has heard everything holds to be so.</summary>
    public void JudgeHeld(string viewer, string user, Delivered? held) =>
        With(() =>
        {
            Note("held at rest");
            var view = HistoryOf(user)[^1].Facts.For(viewer, ContactsOf(user, viewer)[^1].Are);
            // Who is offline need not be named, and then its text is not known.
            var holds =
                held is null ? view.Status == "offline"
                : view.Status == "offline" ? held.Status == "offline" && (held.Text == view.Text || held.Text is null)
                : held.Shows(view, isPush: true);
            return holds || Fault("held at rest", viewer, held ?? (object)"nothing", $"of {user} it should know {view}");
        });

    /// <summary>Something else is not as it must be.</summary>
    public void Fail(string what) => With(() => Fault("", "", what, "it must not be so"));

    /// <summary>One more of that kind was looked at.</summary>
    public void Count1(string channel) =>
        With(() =>
        {
            Note(channel);
            return true;
        });

    /// <summary>Who ceases to be a contact is pushed as offline, whatever may be seen of it by others.</summary>
    private bool WereContacts(string user, string viewer) => InForce(ContactsOf(user, viewer)).SkipWhile(are => !are).Contains(false);

    private List<View> ViewsOf(string user, string viewer) =>
        [
            .. InForce(HistoryOf(user))
                .SelectMany(facts => InForce(ContactsOf(user, viewer)).Select(contacts => facts.For(viewer, contacts))),
        ];

    /// <summary>What was so when everybody had last heard everything, and all since.</summary>
    private IEnumerable<T> InForce<T>(List<(long Moment, T Value)> history)
    {
        var first = history.FindLastIndex(entry => entry.Moment <= _heardUntil);
        return history.Skip(Math.Max(0, first)).Select(entry => entry.Value);
    }

    private List<(long Moment, Facts Facts)> HistoryOf(string user) => Of(_histories, user, new Facts());

    private List<(long Moment, bool Are)> ContactsOf(string one, string other) =>
        Of(_contacts, string.CompareOrdinal(one, other) < 0 ? (one, other) : (other, one), false);

    private List<(long Moment, T Value)> Of<TKey, T>(Dictionary<TKey, List<(long Moment, T Value)>> histories, TKey key, T first)
        where TKey : notnull
    {
        if (!histories.TryGetValue(key, out var history))
        {
            histories[key] = history = [(0, first)];
        }

        // What is over for everybody is asked for by nobody.
        var last = history.FindLastIndex(entry => entry.Moment <= _heardUntil);
        if (last > 100)
        {
            history.RemoveRange(0, last);
        }

        return history;
    }

    /// <summary>What was done last, of which a fault tells.</summary>
    private void Note(string who, object what)
    {
        _done.Enqueue($"    {_moment} {who}: {what}");
        if (_done.Count > MostDone)
        {
            _done.Dequeue();
        }
    }

    private void Note(string channel) => _counts[channel] = _counts.GetValueOrDefault(channel) + 1;

    private bool Fault(string channel, string viewer, object given, string because)
    {
        FaultCount++;
        if (_faults.Count < MostFaults)
        {
            var before = _faults.Count == 0 ? $"; before that:\n{string.Join('\n', _done)}" : "";
            _faults.Add($"{channel} to {viewer}: {given}: {because} (moment {_moment}, heard until {_heardUntil}){before}");
        }

        return false;
    }

    private T With<T>(Func<T> act)
    {
        lock (_gate)
        {
            return act();
        }
    }
}
