using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Presence.Benchmarks.Faults.Crowds;

/// <summary>What one person set: texts with a running number, so that everybody can tell which one they see, and which is newer.</summary>
/// <remarks>A number is sent once. Where its answer does not come, what the person wants is sent again under the next number, and the wait counts from the first: nothing is applied twice by the suite's own doing.</remarks>
internal sealed class Choices(CrowdBoard board)
{
    /// <summary>Above a second: more often a user may not change, and is told <c>rate_limited</c> where an outage lasts.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(1_100);

    /// <summary>A connection may end between the number and its sending: then nobody answers, and nobody says that nobody will.</summary>
    private static readonly TimeSpan NoAnswerAfter = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<int, DateTime> _sent = [];
    private DateTime? _wantedAt;
    private bool _wasRefused;
    private DateTime _retryAt = DateTime.MaxValue;

    /// <summary>The last number that was sent.</summary>
    public int Sent { get; private set; }

    /// <summary>The highest number that was acknowledged.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>When that was.</summary>
    public DateTime AcknowledgedAt { get; private set; }

    /// <summary>All numbers that were acknowledged.</summary>
    public ConcurrentQueue<int> AllAcknowledged { get; } = [];

    /// <summary>Whether an answer is waited for.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_lock)
            {
                return _wantedAt is not null;
            }
        }
    }

    /// <summary>The frame for the next number.</summary>
    public string Next()
    {
        lock (_lock)
        {
            var now = DateTime.UtcNow;
            _wantedAt ??= now;
            _retryAt = now + NoAnswerAfter;
            _sent[++Sent] = now;
            return $$$"""{"type":"presence_update","id":"{{{Sent}}}","payload":{"custom_status":"{{{Text(Sent)}}}"}}""";
        }
    }

    /// <summary>What is waited for is to be sent again: its connection is gone.</summary>
    public void Unanswered()
    {
        lock (_lock)
        {
            if (_wantedAt is not null)
            {
                _retryAt = DateTime.UtcNow;
            }
        }
    }

    /// <summary>Whether something is to be sent again now.</summary>
    public bool IsDue(DateTime now)
    {
        lock (_lock)
        {
            return _wantedAt is not null && now >= _retryAt;
        }
    }

    /// <summary>An acknowledgement came.</summary>
    public void Acknowledge(ReadOnlySpan<byte> id)
    {
        var number = NumberOf(id);
        lock (_lock)
        {
            if (!_sent.Remove(number))
            {
                board.Findings.Broken(Word.FalseAck, $"an acknowledgement of {Encoding.UTF8.GetString(id)}, which is not waited for");
                return;
            }

            AllAcknowledged.Enqueue(number);
            (Acknowledged, AcknowledgedAt) = (Math.Max(Acknowledged, number), DateTime.UtcNow);
            if (number == Sent && _wantedAt is { } since)
            {
                board.Acknowledged.Add(DateTime.UtcNow - since);
                if (_wasRefused)
                {
                    board.RefusedFor.Add(DateTime.UtcNow - since);
                }

                (_wantedAt, _wasRefused) = (null, false);
            }
        }
    }

    /// <summary>An error came: it promises nothing, either way.</summary>
    public void Refuse(ReadOnlySpan<byte> id, ReadOnlySpan<byte> code)
    {
        lock (_lock)
        {
            if (_sent.Remove(NumberOf(id), out var at))
            {
                var now = DateTime.UtcNow;
                board.Refused(Encoding.UTF8.GetString(code), now - at);
                _wasRefused = true;
                _retryAt = now + RetryAfter;
            }
        }
    }

    /// <summary>The text of a number.</summary>
    public static string Text(int number) => string.Create(CultureInfo.InvariantCulture, $"n{number}");

    /// <summary>The number of a text; 0 for none.</summary>
    public static int NumberIn(ReadOnlySpan<byte> text) => text.Length > 1 && text[0] == 'n' ? NumberOf(text[1..]) : 0;

    private static int NumberOf(ReadOnlySpan<byte> digits) =>
        int.TryParse(digits, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
