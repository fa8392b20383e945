using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Presence.Host;
using Presence.Specs.Journeys;
using Presence.Specs.Support;
using static Presence.Specs.Documents.OperatorFiles;

namespace Presence.Specs.Documents;

/// <summary>What an operator applies fits the program, and itself.</summary>
public sealed partial class DeploymentSpecs
{
    private const string Kubernetes = "deploy/kubernetes/";
    private const string StatefulSet = Kubernetes + "statefulset.yaml";
    private const string ConfigMap = Kubernetes + "configmap.yaml";
    private const string Unit = "deploy/systemd/presence.service";

    public static TheoryData<string> Yaml => [.. All.Where(file => file.EndsWith(".yaml", StringComparison.Ordinal))];

    public static TheoryData<string> Pages => [.. All.Where(file => file.EndsWith(".md", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Yaml))]
    public void What_Kubernetes_is_given_is_keys_and_lists_under_each_other(string file)
    {
        foreach (var document in Repository.Read(file).Split("\n---\n"))
        {
            var lines = document.Split('\n').Where(line => line.Trim() is { Length: > 0 } text && text[0] != '#').ToList();
            var (depth, opens) = (0, true);
            foreach (var line in lines)
            {
                YamlLine().IsMatch(line).ShouldBeTrue($"{file}: {line}");
                var indent = line.Length - line.TrimStart().Length;
                (indent % 2).ShouldBe(0, $"{file}: {line}");
                (indent <= depth || opens).ShouldBeTrue($"{file}: deeper below what has a value: {line}");
                // What follows a dash is as deep as what stands behind it.
                (depth, opens) = (indent + (line.TrimStart().StartsWith("- ", StringComparison.Ordinal) ? 2 : 0), line.EndsWith(':'));
            }

            lines.ShouldContain(line => line.StartsWith("apiVersion: ", StringComparison.Ordinal), file);
            lines.ShouldContain(line => line.StartsWith("kind: ", StringComparison.Ordinal), file);
        }
    }

    [Fact]
    public async Task Probes_ask_routes_that_there_are_and_stops_are_given_the_time_they_take()
    {
        using var folder = new TemporaryFolder();
        await using var app = await PresenceServer.Build([
            "--Urls=http://127.0.0.1:0",
            $"--Presence:Storage:ConnectionString=Data Source={folder.Database}",
        ]);
        var stop = app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout.TotalSeconds;
        var routes = ((IEndpointRouteBuilder)app)
            .DataSources.SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>()
            .Select(endpoint => "/" + endpoint.RoutePattern.RawText?.TrimStart('/'))
            .ToList();

        var paths = Values(StatefulSet, "path");
        paths.ShouldBe(["/health/live", "/health/ready", "/health/live"]);
        paths.ShouldBeSubsetOf(routes);
        Seconds(Value(Unit, "TimeoutStopSec")).ShouldBeGreaterThan(stop);
        Seconds(Value(StatefulSet, "terminationGracePeriodSeconds")).ShouldBeGreaterThan(stop + Seconds(Value(StatefulSet, "seconds")));
        Repository.Read(Page).ShouldContain($"All of it is limited to {stop} s");
    }

    [Fact]
    public void Every_node_of_the_StatefulSet_is_a_seed_node_and_is_in_the_certificates()
    {
        var name = Values(StatefulSet, "name")[0];
        var service = Value(StatefulSet, "serviceName");
        var port = Value(ConfigMap, "Presence__Cluster__Port");
        var nodes = Enumerable
            .Range(0, int.Parse(Value(StatefulSet, "replicas"), CultureInfo.InvariantCulture))
            .Select(node => $"{name}-{node}.{service}")
            .ToList();

        nodes.Count.ShouldBe(3);
        nodes
            .Select((_, node) => Value(ConfigMap, $"Presence__Cluster__SeedNodes__{node}"))
            .ShouldBe(nodes.Select(node => $"{node}:{port}"));
        Repository.Read(StatefulSet).ShouldContain($"value: $(POD_NAME).{service}\n");
        foreach (var file in new[] { "certificate.yaml", "certificates.sh" })
        {
            NodeName().Matches(Repository.Read(Kubernetes + file)).Select(match => match.Value).ShouldBe(nodes, file);
        }
    }

    [SkippableTheory]
    [InlineData("presence-0.presence")]
    [InlineData("10.0.0.5")]
    [InlineData("fd00::1")]
    public async Task Certificates_are_good_for_nodes_that_are_reached_by_names_and_by_addresses(string host)
    {
        Skip.IfNot(File.Exists("/usr/bin/openssl"), "no openssl");
        using var folder = new TemporaryFolder();
        using var made = Process.Start(
            new ProcessStartInfo(
                "bash",
                [Path.Combine(Repository.Root, Kubernetes, "certificates.sh"), folder.Path, "other.presence", host]
            )
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            }
        )!;
        await Task.WhenAll(made.StandardError.ReadToEndAsync(), made.StandardOutput.ReadToEndAsync(), made.WaitForExitAsync());

        using var certificate = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder.Path, "tls.crt"));
        certificate.MatchesHostname(host, allowWildcards: false, allowCommonName: false).ShouldBeTrue();
        certificate.MatchesHostname("10.0.0.6").ShouldBeFalse();
    }

    [Fact]
    public void The_sockets_that_a_node_takes_fit_into_its_memory()
    {
        var row = Lines(Page).Single(line => line.StartsWith("| a connected user with one device", StringComparison.Ordinal));
        var (kib, mib) = (Cost().Match(row).Groups[1].Value, Cost().Match(row).Groups[2].Value);
        var memory = Values(StatefulSet, "memory")[^1];
        memory.ShouldEndWith("Gi");

        var needed =
            double.Parse(mib, CultureInfo.InvariantCulture)
            + (
                int.Parse(Value(ConfigMap, "Presence__Limits__SocketsPerNode"), CultureInfo.InvariantCulture)
                * double.Parse(kib, CultureInfo.InvariantCulture)
                / 1024
            );

        // The heap of .NET takes three quarters of a limit.
        needed.ShouldBeLessThan(double.Parse(memory[..^2], CultureInfo.InvariantCulture) * 1024 * 0.75);
    }

    [Fact]
    public void The_port_between_nodes_is_the_same_everywhere()
    {
        var port = Value(ConfigMap, "Presence__Cluster__Port");

        Values(StatefulSet, "containerPort").ShouldContain(port);
        Values(Kubernetes + "services.yaml", "port").ShouldContain(port);
        Values(Kubernetes + "network.yaml", "port").ShouldContain(port);
        Lines("deploy/Dockerfile").ShouldContain(line => line.StartsWith("EXPOSE ", StringComparison.Ordinal) && line.Contains(port));
    }

    [Fact]
    public void What_the_StatefulSet_refers_to_is_applied_with_it_or_told()
    {
        var head = Repository.Read(Kubernetes + "kustomization.yaml");

        Value(Kubernetes + "services.yaml", "clusterIP").ShouldBe("None");
        Values(Kubernetes + "services.yaml", "name").ShouldContain(Value(StatefulSet, "serviceName"));
        Values(ConfigMap, "name").ShouldContain("presence");
        head.ShouldContain("create secret generic presence ");
        head.ShouldContain(Value(StatefulSet, "secretName"));
        Values(Kubernetes + "certificate.yaml", "secretName").ShouldContain(Value(StatefulSet, "secretName"));
        var mounted = Values(StatefulSet, "mountPath");
        foreach (var file in new[] { "Certificate", "Key", "Authority" })
        {
            mounted.ShouldContain(Path.GetDirectoryName(Value(ConfigMap, $"Presence__Cluster__Tls__{file}")));
        }
    }

    [Fact]
    public void Every_file_that_is_copied_or_applied_or_named_is_there()
    {
        var copied = Lines("deploy/Dockerfile")
            .Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ')[1..^1]);
        var applied = Lines(Kubernetes + "kustomization.yaml")
            .Where(line => line.StartsWith("  - ", StringComparison.Ordinal) && line.EndsWith(".yaml", StringComparison.Ordinal))
            .Select(line => Kubernetes + line[4..]);
        var named = All.SelectMany(file => NamedFile().Matches(Repository.Read(file))).Select(match => match.Value.TrimEnd('.'));

        foreach (var path in copied.Concat(applied).Concat(named).Distinct(StringComparer.Ordinal))
        {
            Path.Exists(Path.Combine(Repository.Root, path)).ShouldBeTrue(path);
        }
    }

    [Fact]
    public void The_image_restores_every_project_that_the_host_is_made_of()
    {
        var dockerfile = Repository.Read("deploy/Dockerfile");
        foreach (var project in Directory.EnumerateFiles(Repository.Root, "packages.lock.json", SearchOption.AllDirectories))
        {
            var folder = Path.GetFileName(Path.GetDirectoryName(project)!);
            if (folder is "Presence.Specs" or "Presence.Benchmarks")
            {
                Repository.Read(".dockerignore").ShouldContain(folder + "\n");
            }
            else
            {
                dockerfile.ShouldContain($"COPY {folder}/{folder}.csproj {folder}/packages.lock.json {folder}/\n");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_file_that_a_page_links_to_is_there(string page)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, page))!;
        foreach (var link in Link().Matches(Repository.Read(page)).Select(match => match.Groups[1].Value.Split('#')[0]))
        {
            Path.Exists(Path.Combine(folder, link)).ShouldBeTrue($"{page} links to {link}");
        }
    }

    private static double Seconds(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>A key, with a value or without, an entry of a list, or both.</summary>
    [GeneratedRegex(@"^ *(- )?([A-Za-z0-9_./-]+:( \S.*)?|(?<=- )\S[^:]*)$")]
    private static partial Regex YamlLine();

    [GeneratedRegex(@"presence-\d\.presence")]
    private static partial Regex NodeName();

    [GeneratedRegex(@"(?:deploy|docs|Presence\.(?:Host|Core|Actors|Specs|Adapters\.\w+))/[A-Za-z0-9_./-]+")]
    private static partial Regex NamedFile();

    [GeneratedRegex(@"\| ([0-9.]+) KiB of memory; the process starts with ([0-9]+) MiB")]
    private static partial Regex Cost();

    [GeneratedRegex(@"\]\(((?!https?:|#)[^)\s]+)\)")]
    private static partial Regex Link();
}
