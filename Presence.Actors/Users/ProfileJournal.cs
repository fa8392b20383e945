using Presence.Core.Privacy;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <summary>What is fixed about the journal of profiles, however it is written.</summary>
public static class ProfileJournal
{
    private const int StatusBytes = 700;
    private const int RuleBytes = 200;
    private const int OverrideBytes = 90;

    /// <summary>UTF-8 has at most so many bytes for each UTF-16 unit.</summary>
    private const int BytesALetter = 3;

    /// <summary>The journal's key of a user's profile.</summary>
    public static string PersistenceIdOf(UserId user) => $"user-{user.Value}";

    /// <summary>About how many bytes a fact has in the journal, without writing it.</summary>
    internal static int Weigh(IProfileFact fact) =>
        fact switch
        {
            StatusChosen status => StatusBytes
                + (BytesALetter * (Length(status.CustomStatus) + Length(status.Activity) + Length(status.Held?.CustomStatus)))
                + (BytesALetter * (Length(status.Under?.CustomStatus) + Length(status.Under?.Activity) + Length(status.Held?.Under))),
            PrivacyChosen privacy => Weigh(privacy.Rule),
            _ => 0,
        };

    /// <summary>The same of an audience rule.</summary>
    internal static int Weigh(PrivacyRule rule) =>
        RuleBytes
        + rule.Blocked.Sum(user => user.Value.Length + BytesALetter)
        + rule.Overrides.Keys.Sum(user => user.Value.Length + OverrideBytes);

    private static int Length(string? text) => text?.Length ?? 0;
}
