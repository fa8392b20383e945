namespace Presence.Benchmarks.Fuzz;

/// <summary>Makes a new input of an old one, or of two.</summary>
/// <param name="random">By what luck.</param>
/// <param name="words">What the language is made of.</param>
internal sealed class Mutator(Random random, byte[][] words)
{
    /// <summary>Longer ones reach nothing that shorter ones don't.</summary>
    private const int MaxLength = 2_048;

    private static readonly byte[] Telling =
    [
        0,
        1,
        2,
        0x7D,
        0x7E,
        0x7F,
        0x80,
        0x81,
        0x88,
        0xC0,
        0xED,
        0xFE,
        0xFF,
        (byte)'"',
        (byte)'\\',
        (byte)'\n',
    ];

    /// <summary>A new input.</summary>
    public byte[] Mutate(IReadOnlyList<byte[]> corpus)
    {
        List<byte> input = [.. corpus[random.Next(corpus.Count)]];
        for (var steps = 1 << random.Next(5); steps > 0; steps--)
        {
            Step(input, corpus);
        }

        return [.. input.Take(MaxLength)];
    }

    private void Step(List<byte> input, IReadOnlyList<byte[]> corpus)
    {
        var at = random.Next(input.Count + 1);
        var length = Math.Min(random.Next(1, 33), input.Count - at);
        switch (random.Next(8))
        {
            case 0 when at < input.Count:
                input[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < input.Count:
                input[at] = Telling[random.Next(Telling.Length)];
                break;
            case 2:
                input.Insert(at, (byte)random.Next(256));
                break;
            case 3:
                input.RemoveRange(at, length);
                break;
            case 4:
                input.InsertRange(at, input.GetRange(at, length));
                break;
            case 5 when length > 0:
                input.RemoveRange(at, length);
                input.InsertRange(at, words[random.Next(words.Length)]);
                break;
            case 6:
                input.InsertRange(at, words[random.Next(words.Length)]);
                break;
            default:
                var other = corpus[random.Next(corpus.Count)];
                input.RemoveRange(at, input.Count - at);
                input.AddRange(other.AsSpan(random.Next(other.Length + 1)));
                break;
        }
    }
}
