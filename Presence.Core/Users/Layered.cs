namespace Presence.Core.Users;

/// <summary>A value that a person set, in two layers: one set for a while lies over one set without an end, which shows again when the first ends.</summary>
/// <param name="Value">What shows: the upper layer while there is one, else the lower.</param>
/// <param name="Until">When the upper layer ends; null: there is none, and <paramref name="Value"/> has no end.</param>
/// <param name="Under">The lower layer while there is an upper one; else null.</param>
/// <typeparam name="T">A nullable type: null is "nothing set".</typeparam>
public readonly record struct Layered<T>(T Value, DateTimeOffset? Until = null, T Under = default!)
{
    /// <summary>The same at that time: an upper layer whose end has come is gone.</summary>
    public Layered<T> At(DateTimeOffset now) => Until <= now ? new(Under) : this;

    /// <summary>
    /// The person sets a value. With an end it lies over what was set without one. Without an end it replaces both layers.
    /// "Nothing" clears both, whatever end is asked for: there is nothing that could end.
    /// </summary>
    public Layered<T> Set(T value, DateTimeOffset? until) =>
        value is null || until is null ? new(value) : new(value, until, Until is null ? Value : Under);
}
