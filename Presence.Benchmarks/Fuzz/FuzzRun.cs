using System.Diagnostics;
using System.Globalization;
using System.Text;
using Presence.Benchmarks.Faults;
using Presence.Benchmarks.Fuzz.Targets;
using SharpFuzz;

namespace Presence.Benchmarks.Fuzz;

/// <summary>Looks for inputs that are neither taken nor refused: changes known ones, and keeps those that reach what none has reached, until the time is over.</summary>
/// <remarks>
/// It needs no AFL: the service's assemblies are copied, instrumented by SharpFuzz, and read in a process of their own. What reached something is kept in Presence.Specs/Fuzz/corpus, which the specs
/// read again; what was found goes to the end of the corpus too, so that a spec fails until it is mended.
/// </remarks>
internal static class FuzzRun
{
    private const string Inside = "--instrumented";
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(2);
    private static readonly string[] Instrumented =
    [
        "Presence.Core",
        "Presence.Actors",
        "Presence.Adapters.Http",
        "Presence.Adapters.WebSocket",
    ];

    /// <summary><c>fuzz [target] [seconds=60] [seed=1]</c>; the process's exit code: 1 where something was found.</summary>
    public static int Run(string[] args)
    {
        if (args is [Inside, var corpus, var name, var seconds, var seed])
        {
            // Before any instrumented code runs, which writes where it is told.
            var coverage = new Coverage();
            var target = FuzzTargets.All.Single(target => target.Name == name);
            return Fuzz(target, coverage, corpus, TimeSpan.FromSeconds(Number(seconds)), Number(seed)) ? 1 : 0;
        }

        var named = args.Where(arg => !arg.Contains('=', StringComparison.Ordinal)).ToList();
        var given = new FaultArguments(args.Except(named));
        var targets = FuzzTargets.All.Select(target => target.Name).Where(target => named.Count == 0 || named.Contains(target)).ToList();
        if (targets.Count == 0 || named.Except(targets).Any())
        {
            Console.Error.WriteLine(
                $"write fuzz [target] [seconds=60] [seed=1]; the targets: {string.Join(' ', FuzzTargets.All.Select(target => target.Name))}"
            );
            return 2;
        }

        var folder = Directory.CreateTempSubdirectory("presence-fuzz-");
        try
        {
            Instrument(folder.FullName);
            var (time, luck) = (given.Number("seconds", 60), given.Number("seed", 1));
            return targets.Select(target => Start(folder.FullName, target, time, luck)).ToList().Max();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static void Instrument(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        foreach (var assembly in Instrumented)
        {
            Fuzzer.Instrument(Path.Combine(folder, $"{assembly}.dll"), _ => true, Options.Value);
        }
    }

    private static int Start(string folder, string target, int seconds, int seed)
    {
        string[] arguments =
        [
            Path.Combine(folder, "Presence.Benchmarks.dll"),
            "fuzz",
            Inside,
            Path.Combine(Root(), "Presence.Specs", "Fuzz", "corpus", $"{target}.txt"),
            target,
            seconds.ToString(CultureInfo.InvariantCulture),
            seed.ToString(CultureInfo.InvariantCulture),
        ];
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments))!;
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>Whether something was found.</summary>
    private static bool Fuzz(FuzzTarget target, Coverage coverage, string path, TimeSpan time, int seed)
    {
        var mutator = new Mutator(new Random(seed), [.. target.Words.Select(Encoding.Latin1.GetBytes)]);
        var corpus = new List<byte[]>();
        var finds = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var input in Corpus.Read(path).Concat(target.SeedBytes))
        {
            Try(target, input, coverage, corpus, finds);
        }

        var (runs, clock) = (0L, Stopwatch.StartNew());
        for (; clock.Elapsed < time; runs++)
        {
            Try(target, mutator.Mutate(corpus), coverage, corpus, finds);
        }

        Console.WriteLine(
            $"{target.Name}: {runs} inputs, {runs / clock.Elapsed.TotalSeconds:0}/s, {coverage.Steps} steps, {corpus.Count} kept, seed {seed}, {finds.Count} found"
        );
        Corpus.Write(path, Smallest(target, corpus).Concat(finds.Values));
        foreach (var (what, input) in finds)
        {
            Console.WriteLine($"FOUND {target.Name}: {what}\n  {Corpus.Escape(input)}");
        }

        return finds.Count > 0;
    }

    private static void Try(FuzzTarget target, byte[] input, Coverage coverage, List<byte[]> corpus, Dictionary<string, byte[]> finds)
    {
        // By the processor's time: the machine may have something else to do.
        var begun = Environment.CpuUsage.TotalTime;
        try
        {
            if (coverage.IsNew(() => target.Run(input)) || corpus.Count == 0)
            {
                corpus.Add(input);
            }
        }
        catch (Exception find)
        {
            var where = find.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("Presence.", StringComparison.Ordinal))?.Trim();
            Keep(finds, $"{find.GetType().Name}: {find.Message} {where}", input);
        }

        if (Environment.CpuUsage.TotalTime - begun > Hang)
        {
            Keep(finds, "it takes too long", input);
        }
    }

    /// <summary>Of finds alike the shortest.</summary>
    private static void Keep(Dictionary<string, byte[]> finds, string what, byte[] input)
    {
        if (!finds.TryGetValue(what, out var known) || input.Length < known.Length)
        {
            finds[what] = input;
        }
    }

    /// <summary>Those that are still needed where the short ones come first.</summary>
    private static List<byte[]> Smallest(FuzzTarget target, List<byte[]> corpus)
    {
        var coverage = new Coverage(countsToo: false);
        return [.. corpus.OrderBy(input => input.Length).Where(input => coverage.IsNew(() => target.Run(input)))];
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Presence.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("start it inside the repository: its corpus is there");
    }
}
