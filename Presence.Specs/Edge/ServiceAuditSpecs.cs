using System.Security.Cryptography;
using System.Text;
using Presence.Benchmarks;
using Presence.Specs.Journeys;

namespace Presence.Specs.Edge;

/// <summary>Who did what as a backend can be read afterwards.</summary>
public sealed class ServiceAuditSpecs : IDisposable
{
    private const string Key = "a-key-that-is-long-enough";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_call_of_a_service_is_logged_with_who_what_of_whom_and_how_it_ended()
    {
        await using var host = await HostProcess.Start(
            _folder.Database,
            $"Presence__Authentication__ApiKey={Key}",
            "Logging__LogLevel__Presence.Audit=Debug"
        );
        using var api = new Api(host.Address);
        (string, string) service = ("X-Api-Key", Key);

        await api.Send("PUT", "/users/alice/contacts/bob", null, headers: service);
        await api.Send("PUT", "/presence/users/alice/contacts", """{"contacts":"private"}""", headers: service);
        await api.Send("GET", "/alice", null, headers: service);
        await api.Send("GET", "/users/a%0Ab/contacts", null, headers: service);
        await api.Get("/stats", "eve");
        await api.Send("GET", "/stats", null, headers: ("X-Api-Key", "guessed"));
        await api.Send("POST", "/tickets", """{"device_id":"private"}""", "alice", headers: service);
        // A user's own, a user's view, and anybody's.
        await api.Get("/", "alice");
        await api.Send("GET", "/bob", null, "alice", headers: service);
        await api.Get("/health");
        host.Terminate();
        (await host.Exit(TimeSpan.FromSeconds(60))).ShouldBe(0);

        // Of use to nobody who has not the key.
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key)))[..8];
        host.Output.Where(line => line.Contains("Presence.Audit", StringComparison.Ordinal))
            .Select(line => line.Split(' ')[1] + " " + line[(line.IndexOf("] ", StringComparison.Ordinal) + 2)..])
            .ShouldBe([
                $"info: key:{id} from 127.0.0.1: PUT /users/{{user_id}}/contacts/{{contact_id}} of alice/bob: 204",
                $"info: key:{id} from 127.0.0.1: PUT /presence/users/{{user_id}}/contacts of alice: 400",
                // There may be thousands of these a second.
                $"dbug: key:{id} from 127.0.0.1: GET /{{user_id}} of alice: 200",
                $"info: key:{id} from 127.0.0.1: GET /users/{{user_id}}/contacts of (no id): 400",
                "info: other from 127.0.0.1: GET /stats of -: 403",
                "info: other from 127.0.0.1: GET /stats of -: 401",
                $"info: key:{id} from 127.0.0.1: POST /tickets of alice: 201",
            ]);
        host.Output.ShouldNotContain(line => line.Contains("private", StringComparison.Ordinal));
    }
}
