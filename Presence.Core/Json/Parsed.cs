using Presence.Core.Errors;

namespace Presence.Core.Json;

/// <summary>What reading came to: a value, or why not.</summary>
public readonly record struct Parsed<T>(T? Value, Refusal? Refusal)
    where T : class
{
    /// <summary>It was read.</summary>
    public static implicit operator Parsed<T>(T value) => new(value, null);

    /// <summary>It was not.</summary>
    public static implicit operator Parsed<T>(Refusal refusal) => new(null, refusal);
}
