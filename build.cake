#load "audit.cake"

using System.Xml.Linq;

// Public words: Run, Test, Format, Audit, Smoke, Faults, Cluster, Bench. What starts with __ is a step of theirs.
// Run, Smoke, Faults, Cluster and Bench only build here; build.sh then becomes the program, so that signals reach it.

var specs = MakeAbsolute(Directory("artifacts/specs"));

Task("Run").Description("Builds the service; build.sh then serves it.").Does(() => Build("Presence.Host"));

Task("Smoke").Description("Builds the smoke run; build.sh then runs it.").Does(() => Build("Presence.Benchmarks"));

Task("Faults").Description("Builds the fault suite; build.sh then runs it.").Does(() => Build("Presence.Benchmarks"));

Task("Cluster").Description("Builds the nodes; build.sh then serves them.").Does(() => Build("Presence.Benchmarks"));

Task("Bench").Description("Builds the benchmarks; build.sh then runs them.").Does(() => Build("Presence.Benchmarks"));

Task("Format").Description("Formats every file.").Does(() => DotNet("csharpier format ."));

Task("Test")
    .Description("Checks the formatting, builds, runs all specs.")
    .IsDependentOn("__CheckFormat")
    .IsDependentOn("__Build")
    .IsDependentOn("__Gateways")
    .IsDependentOn("__Specs");

Task("__CheckFormat").Does(() => DotNet("csharpier check ."));

Task("__Build").Does(() => Build("Presence.sln"));

// The specs of deploy/ run real gateways, and say SKIPPED where there are none: only root can install them.
Task("__Gateways")
    .WithCriteria(() => System.IO.File.Exists("/usr/bin/apt-get") && Environment.UserName == "root")
    .WithCriteria(() => !System.IO.File.Exists("/usr/sbin/nginx") || !System.IO.File.Exists("/usr/sbin/haproxy"))
    .Does(() =>
    {
        // In this run level none of them is started as a service.
        var quiet = new Dictionary<string, string> { ["DEBIAN_FRONTEND"] = "noninteractive", ["RUNLEVEL"] = "1" };
        int Apt(string arguments) =>
            StartProcess("apt-get", new ProcessSettings { Arguments = arguments, EnvironmentVariables = quiet, RedirectStandardOutput = true });
        const string install = "install -y -q --no-install-recommends nginx haproxy";
        if (Apt(install) != 0 && (Apt("update -q") != 0 || Apt(install) != 0))
            Warning("nginx and HAProxy could not be installed: the specs of the gateways are skipped.");
    });

Task("__Specs")
    .Does(() =>
    {
        CleanDirectory(specs);
        var exitCode = StartProcess(
            "dotnet",
            "test Presence.Specs --configuration Release --no-build --logger trx --logger console;verbosity=minimal "
                + "--blame-hang-timeout 5m --blame-hang-dump-type none "
                + $"--results-directory \"{specs}\""
        );
        var results = GetFiles($"{specs}/**/*.trx").Select(file => XDocument.Load(file.FullPath)).ToList();
        int Count(params string[] outcomes) =>
            results
                .SelectMany(result => result.Descendants().Where(element => element.Name.LocalName == "Counters"))
                .Sum(counters => outcomes.Sum(outcome => (int?)counters.Attribute(outcome) ?? 0));
        var total = Count("total");
        var passed = Count("passed");
        var failed = Count("failed", "error", "timeout", "aborted");
        var skipped = total - passed - failed;

        foreach (var reason in SkipReasons(results))
            Information("SKIPPED: {0}", reason);
        if (exitCode != 0 && failed == 0)
        {
            Error("The runner ended with {0} although no spec failed: it crashed, hung or never started. This counts as one failure.", exitCode);
            failed = 1;
        }
        if (passed == 0 && failed == 0)
        {
            Error("No spec ran. This counts as one failure.");
            failed = 1;
        }

        System.IO.File.WriteAllText(
            $"{specs}/summary",
            $"{passed} passed, {failed} failed{(skipped > 0 ? $", {skipped} skipped" : "")}\n"
        );
        if (failed > 0)
            throw new CakeException(1);
    });

RunTarget(Argument("target", "Test"));

void Build(string what)
{
    DotNet($"restore {what} --verbosity quiet");
    DotNet($"build {what} --configuration Release --no-restore --verbosity quiet -clp:NoSummary");
}

void DotNet(string arguments)
{
    var exitCode = StartProcess("dotnet", arguments);
    if (exitCode != 0)
        throw new CakeException($"dotnet {arguments} ended with {exitCode}");
}

IEnumerable<string> SkipReasons(IEnumerable<XDocument> results) =>
    results
        .SelectMany(result => result.Descendants().Where(element => element.Name.LocalName == "UnitTestResult"))
        .Where(result => (string)result.Attribute("outcome") == "NotExecuted")
        .Select(result => result.Descendants().FirstOrDefault(element => element.Name.LocalName == "Message")?.Value ?? "no reason given")
        .GroupBy(reason => reason)
        .Select(reason => $"{reason.Key} ({reason.Count()} specs)");
