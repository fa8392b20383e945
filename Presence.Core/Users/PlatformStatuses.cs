using System.Collections;

namespace Presence.Core.Users;

/// <summary>The status of each platform a user is on, sorted by name and equal by content.</summary>
public sealed class PlatformStatuses : IReadOnlyList<KeyValuePair<string, OnlineStatus>>, IEquatable<PlatformStatuses>
{
    private readonly KeyValuePair<string, OnlineStatus>[] _items;

    private PlatformStatuses(KeyValuePair<string, OnlineStatus>[] items) => _items = items;

    /// <summary>No platform: offline.</summary>
    public static PlatformStatuses Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _items.Length;

    /// <inheritdoc/>
    public KeyValuePair<string, OnlineStatus> this[int index] => _items[index];

    /// <summary>Takes statuses by platform, each named once.</summary>
    public static PlatformStatuses From(IEnumerable<KeyValuePair<string, OnlineStatus>> items)
    {
        KeyValuePair<string, OnlineStatus>[] sorted = [.. items.OrderBy(item => item.Key, StringComparer.Ordinal)];
        return sorted.Length == 0 ? Empty : new(sorted);
    }

    /// <inheritdoc/>
    public bool Equals(PlatformStatuses? other) => other is not null && _items.AsSpan().SequenceEqual(other._items);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PlatformStatuses);

    /// <inheritdoc/>
    public override int GetHashCode() => _items.Length == 0 ? 0 : HashCode.Combine(_items.Length, _items[0].Key, _items[0].Value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, OnlineStatus>> GetEnumerator() => _items.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _items.GetEnumerator();
}
