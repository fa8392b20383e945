using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Presence.Core.Privacy;
using Presence.Core.Users;

namespace Presence.Adapters.Sql.Users;

/// <summary>How a profile is written into its column: names and not numbers, so that a later version reads it; unknown fields are ignored, so that an earlier one does.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(StoredProfile), TypeInfoPropertyName = "Stored")]
internal sealed partial class ProfileJson : JsonSerializerContext
{
    /// <summary>The text of the column.</summary>
    public static string Write(Profile profile) => JsonSerializer.Serialize(StoredProfile.Of(profile), Default.Stored);

    /// <summary>Reads the column; null where it can't be read, and the journal is to be asked.</summary>
    public static Profile? Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, Default.Stored)?.Profile;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>A <see cref="Core.Users.Profile"/> as it is written. A type of its own, since generated readers give an absent init-only property not its initial value but zero; an absent parameter has its default.</summary>
internal sealed record StoredProfile(
    OnlineStatus? SetStatus = null,
    string? CustomStatus = null,
    string? Activity = null,
    DateTimeOffset? ExpiresAt = null,
    StoredPrivacy? Privacy = null,
    HeldRecord? Held = null,
    DateTimeOffset? ChosenAt = null,
    DateTimeOffset? PrivacyAt = null,
    Ends? Ends = null,
    Lasting? Under = null
)
{
    /// <summary>As the fact that says the same is folded, those of earlier builds too.</summary>
    [JsonIgnore]
    public Profile Profile =>
        Core.Users.Profile.Empty.Apply(new StatusChosen(SetStatus, CustomStatus, Activity, ExpiresAt, Held, default, Ends, Under)) with
        {
            // One that is the same as the default was written as none.
            OwnPrivacy = Privacy?.Rule ?? (PrivacyAt is null ? null : PrivacyRule.Default),
            ChosenAt = ChosenAt,
            PrivacyAt = PrivacyAt,
        };

    public static StoredProfile Of(Profile profile)
    {
        var chosen = StatusChosen.Of(profile.Status, profile.Text, profile.Doing, profile.Held, default);
        return new(
            chosen.SetStatus,
            chosen.CustomStatus,
            chosen.Activity,
            chosen.ExpiresAt,
            profile.OwnPrivacy is null || profile.OwnPrivacy.Equals(PrivacyRule.Default) ? null : StoredPrivacy.Of(profile.OwnPrivacy),
            profile.Held,
            profile.ChosenAt,
            profile.PrivacyAt,
            chosen.Ends,
            chosen.Under
        );
    }
}

/// <summary>A <see cref="PrivacyRule"/> as it is written.</summary>
internal sealed record StoredPrivacy(
    Visibility OnlineStatusVisibility = Visibility.Everyone,
    Visibility LastSeenVisibility = Visibility.Everyone,
    bool TypingIndicatorsEnabled = true,
    ImmutableHashSet<UserId>? Blocked = null,
    ImmutableDictionary<UserId, ViewerOverride>? Overrides = null
)
{
    [JsonIgnore]
    public PrivacyRule Rule =>
        new()
        {
            OnlineStatusVisibility = OnlineStatusVisibility,
            LastSeenVisibility = LastSeenVisibility,
            TypingIndicatorsEnabled = TypingIndicatorsEnabled,
            Blocked = Blocked ?? [],
            Overrides = Overrides ?? ImmutableDictionary<UserId, ViewerOverride>.Empty,
        };

    public static StoredPrivacy Of(PrivacyRule rule) =>
        new(rule.OnlineStatusVisibility, rule.LastSeenVisibility, rule.TypingIndicatorsEnabled, rule.Blocked, rule.Overrides);
}
