using Akka.Event;
using Presence.Actors;

namespace Presence.Host;

/// <summary>Counts the messages that the transport drops because they are too large, and lets the first be logged. The service makes none: each is a mistake, and one line says as much as two hundred.</summary>
internal sealed class OversizedFilter(NodeCounters counters) : LogFilterBase
{
    /// <summary>Akka keeps the type to itself.</summary>
    private const string Oversized = "Akka.Remote.OversizedPayloadException";

    private int _logged;

    public override LogFilterType FilterType => LogFilterType.Content;

    public override LogFilterDecision ShouldKeepMessage(LogEvent content, string? expandedMessage = null)
    {
        if (content.Cause?.GetType().FullName != Oversized)
        {
            return LogFilterDecision.Keep;
        }

        counters.Oversized.Add(1);
        return Interlocked.Exchange(ref _logged, 1) == 0 ? LogFilterDecision.Keep : LogFilterDecision.Drop;
    }
}
