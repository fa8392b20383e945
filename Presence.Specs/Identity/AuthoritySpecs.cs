using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Presence.Core.Errors;
using Presence.Core.Identity;
using Presence.Core.Json;
using Presence.Host.Identity;

namespace Presence.Specs.Identity;

/// <summary>Keys that are fetched from who issues the tokens.</summary>
public sealed class AuthoritySpecs
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Tokens_of_an_authority_are_taken_and_its_issuer_is_theirs()
    {
        await using var authority = await Authority.Start();
        var reader = ReaderOf(authority.Address);

        (await Read(reader, authority.Issuer.Token("alice"))).Value!.Subject.ShouldBe(new("alice"));
        (await Read(reader, authority.Issuer.Token("alice", ("iss", "https://evil.test")))).Refusal!.Message.ShouldContain(
            "another issuer"
        );
        (await Read(reader, authority.Issuer.Token("alice", ("aud", "another")))).Refusal!.Message.ShouldContain("another audience");
        (await Read(reader, new Issuer().Token("alice"))).Refusal!.Code.ShouldBe(ErrorCodes.Unauthenticated);
        (await Read(reader, Issuer.Unsigned(authority.Issuer.Token("alice")))).Refusal!.Code.ShouldBe(ErrorCodes.Unauthenticated);
    }

    [Fact]
    public async Task A_key_that_is_new_is_fetched_and_the_old_one_is_taken_no_more()
    {
        await using var authority = await Authority.Start();
        var reader = ReaderOf(authority.Address);
        var old = authority.Issuer.Token("alice");
        (await Read(reader, old)).Value.ShouldNotBeNull();

        authority.Rotate();
        var fresh = authority.Issuer.Token("alice");

        // The keys are fetched beside the first token that is signed with a new one, which may be refused meanwhile.
        await Eventually(async () => (await Read(reader, fresh)).Value is not null);
        (await Read(reader, old)).Refusal!.Code.ShouldBe(ErrorCodes.Unauthenticated);
    }

    [Fact]
    public async Task Tokens_of_unknown_keys_do_not_have_the_keys_fetched_each_time()
    {
        await using var authority = await Authority.Start();
        var reader = ReaderOf(authority.Address);
        await Read(reader, authority.Issuer.Token("alice"));
        await using var other = await Authority.Start();

        for (var i = 0; i < 50; i++)
        {
            other.Rotate();
            (await Read(reader, other.Issuer.Token("mallory"))).Refusal.ShouldNotBeNull();
        }

        authority.KeysFetched.ShouldBeLessThanOrEqualTo(3);
    }

    [Fact]
    public async Task Without_its_authority_nothing_is_proven_and_when_it_is_there_all_goes_on()
    {
        var port = FreePort();
        var reader = ReaderOf(new Uri($"http://127.0.0.1:{port}"));
        (await Read(reader, new Issuer().Token("alice"))).Refusal!.Code.ShouldBe(ErrorCodes.Unavailable);

        await using var authority = await Authority.Start(port);

        await Eventually(async () => (await Read(reader, authority.Issuer.Token("alice"))).Value is not null);
    }

    private static ITokenReader ReaderOf(Uri address)
    {
        var options = new AuthenticationOptions
        {
            Mode = "jwt",
            Jwt = new() { Authority = address.AbsoluteUri, Audience = Issuer.Audience },
        };
        options.Problems([]).ShouldBeEmpty();
        return new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddPresenceIdentity(options)
            .BuildServiceProvider()
            .GetRequiredService<ITokenReader>();
    }

    private static Task<Parsed<Grant>> Read(ITokenReader reader, string token) => reader.Read(token, null, CancellationToken.None);

    private static async Task Eventually(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await holds())
        {
            await Task.Delay(50, patience.Token);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
