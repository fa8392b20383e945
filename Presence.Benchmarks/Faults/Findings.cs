using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Presence.Benchmarks.Faults;

/// <summary>The words that no fault may break.</summary>
internal enum Word
{
    Order,
    Doubled,
    Revived,
    Flap,
    Stranger,
    Missed,
    Ghost,
    Lost,
    AppliedTwice,
    FalseAck,
    SocketStays,
    StaleRead,
    Bound,
}

/// <summary>What was seen that may never be, by word, each with the first few pieces of evidence; and the table of what was measured.</summary>
internal sealed class Findings
{
    private const int EvidenceKept = 8;

    private static readonly Dictionary<Word, string> Sentences = new()
    {
        [Word.Order] = "no watcher is pushed an older version of a user",
        [Word.Doubled] = "no version is pushed twice on a connection",
        [Word.Revived] = "no old choice comes back as a new version",
        [Word.Flap] = "nobody is shown offline who is there, or within the grace",
        [Word.Stranger] = "nobody is told of a stranger",
        [Word.Missed] = "every watcher ends with the truth",
        [Word.Ghost] = "nobody is shown online who is gone",
        [Word.Lost] = "what was acknowledged is stored",
        [Word.AppliedTwice] = "nothing is applied twice",
        [Word.FalseAck] = "nothing is acknowledged that the journal doesn't have",
        [Word.SocketStays] = "sockets of sound nodes stay open",
        [Word.StaleRead] = "no confirmed read is older than what was acknowledged before it",
        [Word.Bound] = "all is done within its time and bound",
    };

    private readonly ConcurrentDictionary<Word, (int Count, List<string> Evidence)> _broken = new();
    private readonly StringBuilder _table = new();

    /// <summary>Whether no word was broken.</summary>
    public bool AllHold => _broken.IsEmpty;

    /// <summary>How often a word was broken.</summary>
    public int Count(Word word) => _broken.TryGetValue(word, out var broken) ? broken.Count : 0;

    /// <summary>Notes that a word was broken.</summary>
    public void Broken(Word word, string evidence)
    {
        var at = DateTime.UtcNow.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
        _broken.AddOrUpdate(
            word,
            _ => (1, [$"{at} {evidence}"]),
            (_, known) =>
            {
                if (known.Count < EvidenceKept)
                {
                    known.Evidence.Add($"{at} {evidence}");
                }

                return (known.Count + 1, known.Evidence);
            }
        );
    }

    /// <summary>Notes a bound that was not kept.</summary>
    public void Hold(bool holds, string otherwise)
    {
        if (!holds)
        {
            Broken(Word.Bound, otherwise);
        }
    }

    /// <summary>Adds a row to the table.</summary>
    public void Row(string what, string value) => _table.AppendLine(CultureInfo.InvariantCulture, $"  {what, -56} {value}");

    /// <summary>The table, and each word with how it went.</summary>
    public string Report()
    {
        var report = new StringBuilder().Append(_table);
        foreach (var (word, sentence) in Sentences)
        {
            report.AppendLine(
                CultureInfo.InvariantCulture,
                $"  {(Count(word) == 0 ? "held" : "BROKEN"), -7} {sentence, -66} {Count(word)}"
            );
            if (_broken.TryGetValue(word, out var broken))
            {
                broken.Evidence.ForEach(line => report.AppendLine(CultureInfo.InvariantCulture, $"            {line}"));
            }
        }

        return report.ToString();
    }
}
