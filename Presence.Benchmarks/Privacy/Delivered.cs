using System.Globalization;
using System.Text.Json;

namespace Presence.Benchmarks.Privacy;

/// <summary>A presence as a client was given it, field by field; nothing else may be in it.</summary>
internal sealed record Delivered(
    string User,
    string Status,
    string? Text,
    string? Activity,
    string? ExpiresAt,
    string Platforms,
    string? LastSeenAt,
    string UpdatedAt,
    long Version,
    string Certainty,
    bool IsOwners
)
{
    private const string Epoch = "1970-01-01T00:00:00Z";

    private static readonly HashSet<string> Fields = new(StringComparer.Ordinal)
    {
        "user_id",
        "online_status",
        "custom_status",
        "activity",
        "expires_at",
        "platforms",
        "last_seen_at",
        "updated_at",
        "version",
        "certainty",
    };

    private static readonly HashSet<string> OwnersFields = new(StringComparer.Ordinal)
    {
        "set_status",
        "ends",
        "devices",
        "active_devices",
    };

    /// <summary>Byte for byte like one never seen, but for the version and the time of a push.</summary>
    public bool IsNothing =>
        this is { Status: "offline", Text: null, Activity: null, ExpiresAt: null, Platforms: "", LastSeenAt: null, Certainty: "confirmed" };

    /// <summary>Whoever could tell did not answer in time.</summary>
    public bool TellsThatItIsNotKnown => Certainty == "unknown" && Version == 0 && (this with { Certainty = "confirmed" }).IsNothing;

    /// <summary>The same, of an answer or a snapshot, which have neither.</summary>
    public bool IsNothingAtAll => IsNothing && UpdatedAt == Epoch && Version == 0;

    /// <summary>Reads it; the fault, where a field is there that is none of a presence.</summary>
    public static Delivered Read(JsonElement json, bool isPush, out string? fault)
    {
        fault = null;
        var count = 0;
        var owners = 0;
        foreach (var field in json.EnumerateObject())
        {
            owners += OwnersFields.Contains(field.Name) ? 1 : 0;
            count += Fields.Contains(field.Name) ? 1 : 0;
            if (!Fields.Contains(field.Name) && !OwnersFields.Contains(field.Name) && !(isPush && field.NameEquals("timestamp")))
            {
                fault = $"a field {field.Name}";
            }
        }

        if (count != Fields.Count || (owners > 0 && owners != OwnersFields.Count))
        {
            fault = "a field is missing";
        }

        return new(
            json.GetProperty("user_id").GetString()!,
            json.GetProperty("online_status").GetString()!,
            json.GetProperty("custom_status").GetString(),
            json.GetProperty("activity").GetString(),
            json.GetProperty("expires_at").GetString(),
            string.Join(',', json.GetProperty("platforms").EnumerateObject().Select(platform => $"{platform.Name}:{platform.Value}")),
            json.GetProperty("last_seen_at").GetString(),
            json.GetProperty("updated_at").GetString()!,
            json.GetProperty("version").GetInt64(),
            json.GetProperty("certainty").GetString()!,
            owners > 0
        );
    }

    /// <summary>Whether it shows that view, no more and no less.</summary>
    public bool Shows(View view, bool isPush) =>
        view.IsHidden
            ? isPush
                ? IsNothing
                : IsNothingAtAll
            : Status == view.Status
                && Text == view.Text
                && Activity == view.Activity
                && ExpiresAt == view.ExpiresAt
                && Platforms == view.Platforms
                && LastSeenAt is not null == view.HasLastSeen
                && (!view.HidesWhen || UpdatedAt == Epoch)
                && TellsItsTime;

    /// <summary>Whether version and time are of one moment, in whose order they were taken: a version of before the change was made for another one. Nothing is told alone, and both are then of that moment.</summary>
    private bool TellsItsTime =>
        UpdatedAt == Epoch || IsNothing || Version >= Micros(DateTimeOffset.Parse(UpdatedAt, CultureInfo.InvariantCulture));

    /// <summary>A time as versions are counted.</summary>
    public static long Micros(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Of a person whose devices are not all back: what is presumed of them is no news, and not told for certain. All else holds.</summary>
    public bool Presumes(View view) =>
        Certainty == "grace"
        && !view.IsHidden
        && view.Status != "offline"
        && Text == view.Text
        && ExpiresAt == view.ExpiresAt
        && LastSeenAt is not null == view.HasLastSeen;
}
