using System.Text.RegularExpressions;
using static Presence.Specs.Documents.OperatorFiles;

namespace Presence.Specs.Documents;

/// <summary>What brings clients and Prometheus to the nodes in Kubernetes names what is there; and what an image is built on is named by its whole version.</summary>
public sealed partial class EntranceFileSpecs
{
    private const string Kubernetes = "deploy/kubernetes/";
    private const string Services = Kubernetes + "services.yaml";
    private const string Ingress = Kubernetes + "ingress.yaml";
    private const string Monitor = Kubernetes + "servicemonitor.yaml";
    private const string Label = "app.kubernetes.io/name";

    [Fact]
    public void The_ingress_leads_to_a_port_of_a_service()
    {
        var backend = Values(Ingress, "name").TakeLast(2).ToList();

        // The service, then its port.
        Values(Services, "name").ShouldContain(backend[0]);
        Values(Services, "name").ShouldContain(backend[1]);
        Values(Services, "targetPort").ShouldContain(backend[1]);
        Values(Kubernetes + "statefulset.yaml", "name").ShouldContain(backend[1]);
    }

    [Fact]
    public void The_monitor_scrapes_the_port_of_the_service_under_the_job_of_the_rules()
    {
        Values(Services, "name").ShouldContain(Value(Monitor, "port"));
        Value(Monitor, "path").ShouldBe("/metrics");
        var job = Value(Monitor, "jobLabel");
        job.ShouldBe(Label);
        Values(Services, job).ShouldContain(Values(Monitor, Label)[^1]);
        foreach (Match named in Job().Matches(Repository("deploy/prometheus/alerts.yml")))
        {
            Values(Services, job).ShouldContain(named.Groups[1].Value);
        }

        Value("deploy/prometheus/prometheus.yml", "job_name").ShouldBe(Values(Services, job)[0]);
    }

    [Fact]
    public void Gateways_are_let_in_at_the_port_that_clients_are_served_at()
    {
        var port = Value(Kubernetes + "configmap.yaml", "Urls").Split(':')[^1];

        Values(Kubernetes + "statefulset.yaml", "containerPort").ShouldContain(port);
        Values(Kubernetes + "network.yaml", "port").ShouldContain(port);
        var label = Values(Kubernetes + "network.yaml", "presence-access").Distinct(StringComparer.Ordinal).ShouldHaveSingleItem();
        Repository("deploy/README.md").ShouldContain($"presence-access={label}");
    }

    [Fact]
    public void Base_images_are_named_by_their_whole_version()
    {
        var images = Lines("deploy/Dockerfile").Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)).ToList();

        images.Count.ShouldBe(2);
        images.ShouldAllBe(line => WholeVersion().IsMatch(line));
    }

    private static string Repository(string file) => Support.Repository.Read(file);

    [GeneratedRegex("job=\"([^\"]+)\"")]
    private static partial Regex Job();

    [GeneratedRegex(@"^FROM [^ :]+:\d+\.\d+\.\d+(@sha256:[0-9a-f]{64})?( |$)")]
    private static partial Regex WholeVersion();
}
