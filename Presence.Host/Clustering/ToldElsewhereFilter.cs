using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;

namespace Presence.Host.Clustering;

/// <summary>
/// Drops Akka's lines about what the service itself tells in one line: a lost node (<see cref="NodeWatch"/>), of which Akka warns twice a second, and a port in use.
/// An address where no node ever was is told once a minute, since the settings may be wrong.
/// </summary>
internal sealed class ToldElsewhereFilter(TimeProvider clock) : LogFilterBase
{
    private static readonly TimeSpan Again = TimeSpan.FromMinutes(1);

    /// <summary>Addresses, and texts, that are kept; then it begins with none, and some lines come once more.</summary>
    private const int Most = 1_000;

    private static readonly string[] OfAnAddress = ["Tried to associate with unreachable remote address", "Association with remote system"];

    private static readonly string[] OfAnyNode = ["Failed to bind to ", "Remoting system has been terminated abruptly"];

    private readonly ConcurrentDictionary<string, byte> _nodes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _told = new(StringComparer.Ordinal);

    public override LogFilterType FilterType => LogFilterType.Content;

    /// <summary>A node lives there, or did: what becomes of it is told elsewhere.</summary>
    public void Knows(Address node)
    {
        Bound(_nodes);
        _nodes[node.ToString()] = 0;
    }

    public override LogFilterDecision ShouldKeepMessage(LogEvent content, string? expandedMessage = null)
    {
        if (content.LogLevel() < Akka.Event.LogLevel.WarningLevel)
        {
            return LogFilterDecision.Keep;
        }

        // The expanded message has time, level and source before the text.
        var text = content.Message?.ToString() ?? "";
        // Akka keeps the type of the cause to itself. A line that names the address comes beside it.
        return
            content.Cause?.GetType().Name == "EndpointDisassociatedException"
            || OfAnyNode.Any(start => text.StartsWith(start, StringComparison.Ordinal))
            || text.Contains("Marking node(s) as UNREACHABLE", StringComparison.Ordinal)
            || (OfAnAddress.Any(start => text.StartsWith(start, StringComparison.Ordinal)) && !IsNew(text))
            ? LogFilterDecision.Drop
            : LogFilterDecision.Keep;
    }

    private bool IsNew(string text)
    {
        if (_nodes.ContainsKey(AddressIn(text)))
        {
            return false;
        }

        Bound(_told);
        var now = clock.GetTimestamp();
        if (_told.TryGetValue(text, out var last) && clock.GetElapsedTime(last, now) < Again)
        {
            return false;
        }

        _told[text] = now;
        return true;
    }

    private static void Bound<T>(ConcurrentDictionary<string, T> all)
    {
        if (all.Count >= Most)
        {
            all.Clear();
        }
    }

    /// <summary>The first address in it, as <c>akka.tcp://presence@10.0.0.5:4053</c>; empty where there is none.</summary>
    private static string AddressIn(string text)
    {
        var start = text.IndexOf("akka.", StringComparison.Ordinal);
        var end = start < 0 ? -1 : text.IndexOfAny([' ', ']'], start);
        return end < 0 ? "" : text[start..end];
    }
}
