using System.Text;
using Presence.Benchmarks.Fuzz.Targets;
using Presence.Specs.Support;

namespace Presence.Specs.Fuzz;

/// <summary>What the fuzzer kept: each input that reaches something of its own, and each that once was too much.</summary>
public sealed class CorpusSpecs
{
    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Every_input_is_taken_or_refused_as_documented(string name)
    {
        var target = FuzzTargets.All.Single(target => target.Name == name);
        var corpus = Corpus.Read(Path.Combine(Repository.Root, "Presence.Specs", "Fuzz", "corpus", $"{name}.txt"));

        corpus.Count.ShouldBeGreaterThan(10);
        foreach (var input in corpus.Concat(target.SeedBytes))
        {
            Should.NotThrow(() => target.Run(input), Corpus.Escape(input));
        }
    }

    [Fact]
    public void A_line_of_a_corpus_stands_for_any_bytes()
    {
        byte[] input = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

        var line = Corpus.Escape(input);

        line.ShouldAllBe(letter => letter >= ' ' && letter < 0x7F);
        Corpus.Unescape(line).ShouldBe(input);
        Corpus.Unescape("""{"a":"\x5cu0000"}""").ShouldBe(Encoding.ASCII.GetBytes("""{"a":"\u0000"}"""));
    }
}
