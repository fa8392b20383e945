using Microsoft.Extensions.Configuration;
using Presence.Host;

namespace Presence.Specs.Journeys;

public sealed class WrittenSettingsSpecs
{
    [Fact]
    public void What_is_written_as_it_should_be_is_passed_over()
    {
        var written = Of(
            ("Presence:OfflineGrace", "00:00:01"),
            ("presence:LIMITS:messagebytes", "1000"),
            ("Presence:Authentication:Jwt:Audience", "a"),
            ("Presence:Authentication:AllowedOrigins:0", "https://a.example"),
            ("Presence:Storage:Migrate", "false"),
            ("Presence:Cluster:Tls", ""),
            ("Presence:Cluster:Roles", ""),
            ("Presence:Cluster:SeedNodes:0", "a:1"),
            ("Presence:Cluster:MinimumMembers", "2"),
            ("Presence:Operations:HealthAccess", "service"),
            ("PRESENCE_SERVICE_HOST", "10.0.0.1"),
            ("Urls", "http://127.0.0.1:8085")
        );

        written.Problems.ShouldBeEmpty();
        written.Unknown.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Presence:Cluster:SeedNodes", "write Presence:Cluster:SeedNodes:0, Presence:Cluster:SeedNodes:1, …")]
    [InlineData("Presence:Cluster:Roles", "write Presence:Cluster:Roles:0")]
    [InlineData("Presence:Authentication:TrustedProxies", "write Presence:Authentication:TrustedProxies:0")]
    [InlineData("Presence:Cluster", "write what is in it, such as Presence:Cluster:Host")]
    [InlineData("Presence:Cluster:Discovery", "such as Presence:Cluster:Discovery:Name")]
    [InlineData("Presence:Limits", "such as Presence:Limits:")]
    public void A_list_or_a_section_written_as_one_value_is_told_with_what_to_write_instead(string key, string message)
    {
        var problem = Of((key, "in-one-value")).Problems.ShouldHaveSingleItem();

        problem.ShouldStartWith($"{key} is a ");
        problem.ShouldContain(message);
        problem.ShouldNotContain("in-one-value");
    }

    [Theory]
    [InlineData("Presence:Cluster:SeedNode", "Presence:Cluster:SeedNode")]
    [InlineData("Presence:Cluster:SeedNode:0", "Presence:Cluster:SeedNode")]
    [InlineData("Presence:Clusters:SeedNodes:0", "Presence:Clusters")]
    [InlineData("Presence:Cluster:Port:0", "Presence:Cluster:Port:0")]
    [InlineData("Presence:Cluster:EffectiveRoles", "Presence:Cluster:EffectiveRoles")]
    [InlineData("Presence:Limits:Message", "Presence:Limits:Message")]
    public void A_key_that_no_option_has_is_told_and_is_no_problem(string key, string told)
    {
        var written = Of((key, "1"));

        written.Problems.ShouldBeEmpty();
        written.Unknown.ShouldBe([told]);
    }

    [Fact]
    public async Task A_start_tells_it_on_standard_error_and_goes_on()
    {
        using var folder = new TemporaryFolder();

        await using var host = await Benchmarks.HostProcess.Start(folder.Database, "Presence__Cluster__SeedNode=a:1", "Presence__Grace=1");

        host.Errors.ShouldBe(
            [
                "presence: Presence:Cluster:SeedNode is no setting, and does nothing",
                "presence: Presence:Grace is no setting, and does nothing",
            ],
            ignoreOrder: true
        );
    }

    private static WrittenSettings Of(params (string Key, string Value)[] settings) =>
        WrittenSettings.Of(
            new ConfigurationBuilder()
                .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Key, setting.Value)))
                .Build()
        );
}
