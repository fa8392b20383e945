namespace Presence.Core.Identity;

/// <summary>The scopes of this service, and what a token with some of them may do.</summary>
public static class Scopes
{
    /// <summary>A backend: reads anyone, and alone writes the directories.</summary>
    public const string Service = "presence.service";

    /// <summary>May read.</summary>
    public const string Read = "presence.read";

    /// <summary>May change what a user may change.</summary>
    public const string Write = "presence.write";

    private const string Own = "presence.";

    /// <summary>The grant with what those scopes allow. A token with none of this service's acts as a plain user, who may both; one with any of them may what they say and no more.</summary>
    public static Grant Limit(Grant grant, IReadOnlyCollection<string> scopes)
    {
        var isService = scopes.Contains(Service, StringComparer.Ordinal);
        var isPlain = !scopes.Any(scope => scope.StartsWith(Own, StringComparison.Ordinal));
        return grant with
        {
            IsService = isService,
            MayRead = isService || isPlain || scopes.Contains(Read, StringComparer.Ordinal),
            MayWrite = isService || isPlain || scopes.Contains(Write, StringComparer.Ordinal),
        };
    }
}
