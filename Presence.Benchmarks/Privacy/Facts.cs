using System.Collections.Immutable;

namespace Presence.Benchmarks.Privacy;

/// <summary>Of one viewer, where a person made an exception.</summary>
internal sealed record Exemption(bool? Status, bool? LastSeen, bool? Typing);

/// <summary>Who may see what, as the person chose it: <c>everyone</c>, <c>contacts</c>, <c>nobody</c>.</summary>
internal sealed record Rule(
    string Status,
    string LastSeen,
    bool Typing,
    ImmutableHashSet<string> Blocked,
    ImmutableDictionary<string, Exemption> Exemptions
)
{
    /// <summary>Of who never chose.</summary>
    public static Rule Default { get; } =
        new("everyone", "everyone", true, [], ImmutableDictionary<string, Exemption>.Empty.WithComparers(StringComparer.Ordinal));

    /// <summary>Whether that viewer sees anything at all.</summary>
    public bool ShowsStatus(string viewer, bool contacts) =>
        !Blocked.Contains(viewer) && (Exemptions.GetValueOrDefault(viewer)?.Status ?? Allows(Status, contacts));

    /// <summary>Whether one who sees the status sees when the person was last seen.</summary>
    public bool ShowsLastSeen(string viewer, bool contacts) => Exemptions.GetValueOrDefault(viewer)?.LastSeen ?? Allows(LastSeen, contacts);

    /// <summary>Whether that viewer is told of typing.</summary>
    public bool ShowsTyping(string viewer, bool contacts) =>
        Typing && ShowsStatus(viewer, contacts) && (Exemptions.GetValueOrDefault(viewer)?.Typing ?? true);

    /// <summary>Whether the other says the same.</summary>
    public bool IsTheSameAs(Rule other) =>
        (Status, LastSeen, Typing) == (other.Status, other.LastSeen, other.Typing)
        && Blocked.SetEquals(other.Blocked)
        && Exemptions.Count == other.Exemptions.Count
        && Exemptions.All(entry => other.Exemptions.GetValueOrDefault(entry.Key) == entry.Value);

    private static bool Allows(string visibility, bool contacts) => visibility == "everyone" || (visibility == "contacts" && contacts);
}

/// <summary>What one viewer may see of a person: written down anew from the contract, and from nothing of the service.</summary>
/// <param name="IsHidden">Nothing: it reads like one never seen.</param>
/// <param name="Status">The status.</param>
/// <param name="Text">The text.</param>
/// <param name="Activity">The activity.</param>
/// <param name="ExpiresAt">When the first of what it shows ends.</param>
/// <param name="Platforms">As <c>mobile:away,web:online</c>.</param>
/// <param name="HasLastSeen">Whether it is told when the person was last seen.</param>
/// <param name="HidesWhen">Whether it may not say since when it is so, by no field: of somebody offline, that is when the person was last there.</param>
internal readonly record struct View(
    bool IsHidden,
    string Status,
    string? Text,
    string? Activity,
    string? ExpiresAt,
    string Platforms,
    bool HasLastSeen,
    bool HidesWhen
)
{
    /// <summary>Of one hidden, or never seen.</summary>
    public static View Nothing { get; } = new(true, "offline", null, null, null, "", false, false);
}

/// <summary>What is so of a person at one moment: what it has done by then.</summary>
internal sealed record Facts
{
    /// <summary>The devices connected: whether the person is active there, and the platform.</summary>
    public ImmutableSortedDictionary<string, (bool Active, string Platform)> Devices { get; init; } =
        ImmutableSortedDictionary.Create<string, (bool, string)>(StringComparer.Ordinal);

    /// <summary>What was set by hand: away, busy, invisible, or null.</summary>
    public string? SetStatus { get; init; }

    /// <summary>The text.</summary>
    public string? Text { get; init; }

    /// <summary>The activity.</summary>
    public string? Activity { get; init; }

    /// <summary>When the status ends.</summary>
    public string? StatusEnds { get; init; }

    /// <summary>When the text ends.</summary>
    public string? TextEnds { get; init; }

    /// <summary>When the activity ends.</summary>
    public string? ActivityEnds { get; init; }

    /// <summary>Whether a device was ever connected.</summary>
    public bool WasSeen { get; init; }

    /// <summary>While invisible: what the others went on seeing.</summary>
    public (string? Text, string? TextEnds, bool WasSeen)? Held { get; init; }

    /// <summary>Who may see what.</summary>
    public Rule Rule { get; init; } = Rule.Default;

    /// <summary>Whether the person types in the one conversation there is.</summary>
    public bool Types { get; init; }

    /// <summary>The status, as its owner sees it.</summary>
    public string Status => StatusOver(Devices.Values);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{string.Join(' ', Devices.Select(device => $"{device.Key}{(device.Value.Active ? "" : " idle")}"))}; set {SetStatus}, \"{Text}\", {Activity}; "
        + $"status {Rule.Status}, last seen {Rule.LastSeen}, {(Rule.Typing ? "typing" : "no typing")}, blocked {string.Join(' ', Rule.Blocked)}, "
        + $"exceptions {string.Join(' ', Rule.Exemptions.Select(entry => $"{entry.Key}={entry.Value}"))}{(Types ? "; types" : "")}";

    /// <summary>The person chooses; what is null stays, "" clears.</summary>
    public Facts Choose(string? status, string? text, string? activity, string? expiresAt)
    {
        var set = status switch
        {
            null => SetStatus,
            "online" => null,
            "offline" => "invisible",
            _ => status,
        };
        (string?, string?, bool)? held = set == "invisible" ? Held ?? Hold() : null;
        return this with
        {
            SetStatus = set,
            Text = Cleared(text, Text),
            Activity = Cleared(activity, Activity),
            StatusEnds =
                status is null ? StatusEnds
                : set is null ? null
                : expiresAt,
            TextEnds = Ends(text, TextEnds, expiresAt),
            ActivityEnds = Ends(activity, ActivityEnds, expiresAt),
            Held = held,
            // Who goes out of sight is no longer seen to type.
            Types = Types && set != "invisible",
        };
    }

    /// <summary>The person chooses who may see what; typing ends with the rule under which it began, and goes on where the same is chosen again.</summary>
    public Facts Choose(Rule rule) => this with { Rule = rule, Types = Types && Rule.IsTheSameAs(rule) };

    /// <summary>The person types, or stops.</summary>
    public Facts Type(bool types) => this with { Types = types && Rule.Typing && SetStatus != "invisible" };

    /// <summary>A device is connected.</summary>
    public Facts Connect(string device, string platform, bool active) =>
        this with
        {
            Devices = Devices.SetItem(device, (active, platform)),
            WasSeen = true,
        };

    /// <summary>A device is gone.</summary>
    public Facts Disconnect(string device) => this with { Devices = Devices.Remove(device) };

    /// <summary>What that viewer may see.</summary>
    public View For(string viewer, bool contacts)
    {
        if (!Rule.ShowsStatus(viewer, contacts))
        {
            return View.Nothing;
        }

        var lastSeen = Rule.ShowsLastSeen(viewer, contacts);
        if (Held is { } held)
        {
            return new(false, "offline", held.Text, null, held.TextEnds, "", held.WasSeen && lastSeen, !lastSeen);
        }

        return Status == "offline"
            ? new(false, "offline", Text, null, TextEnds, "", WasSeen && lastSeen, !lastSeen)
            : new(false, Status, Text, Activity, FirstEnd(), Platforms(), WasSeen && lastSeen, false);
    }

    private (string?, string?, bool) Hold()
    {
        var offline = Status == "offline";
        return (Text, TextEnds, WasSeen || !offline);
    }

    /// <summary>All ends are written alike, so that they are in the order of their letters.</summary>
    private string? FirstEnd() =>
        new[] { StatusEnds, TextEnds, ActivityEnds }.OfType<string>().Order(StringComparer.Ordinal).FirstOrDefault();

    /// <summary>The end belongs to what an update names, and there is none of what is cleared.</summary>
    private static string? Ends(string? given, string? current, string? expiresAt) =>
        given is null ? current
        : given.Length == 0 ? null
        : expiresAt;

    private string Platforms() =>
        string.Join(
            ',',
            Devices
                .Values.GroupBy(device => device.Platform, StringComparer.Ordinal)
                .OrderBy(platform => platform.Key, StringComparer.Ordinal)
                .Select(platform => $"{platform.Key}:{StatusOver(platform)}")
        );

    private string StatusOver(IEnumerable<(bool Active, string Platform)> devices)
    {
        var all = devices.ToList();
        return all.Count == 0 ? "offline" : SetStatus ?? (all.Exists(device => device.Active) ? "online" : "away");
    }

    private static string? Cleared(string? given, string? current) =>
        given is null ? current
        : given.Length == 0 ? null
        : given;
}
