using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace Presence.Specs.Identity;

/// <summary>An OpenID provider on this machine: tells of itself and of its keys, and changes them when the spec says so.</summary>
internal sealed class Authority : IAsyncDisposable
{
    private readonly WebApplication _app;
    private RsaSecurityKey _key = NewKey();

    private Authority(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.MapGet(
            "/.well-known/openid-configuration",
            () => Results.Json(new Dictionary<string, string> { ["issuer"] = Issuer.Name, ["jwks_uri"] = $"{Address}keys" })
        );
        _app.MapGet(
            "/keys",
            () =>
            {
                KeysFetched++;
                var key = JsonWebKeyConverter.ConvertFromRSASecurityKey(_key);
                var told = new
                {
                    kty = key.Kty,
                    kid = key.Kid,
                    n = key.N,
                    e = key.E,
                    use = "sig",
                };
                return Results.Json(new { keys = new[] { told } });
            }
        );
    }

    public Uri Address => new(_app.Urls.Single());

    public int KeysFetched { get; private set; }

    /// <summary>Issues tokens with the key of now.</summary>
    public Issuer Issuer => new(new SigningCredentials(_key, SecurityAlgorithms.RsaSha256));

    public static async Task<Authority> Start(int port = 0)
    {
        var authority = new Authority(port);
        await authority._app.StartAsync();
        return authority;
    }

    public void Rotate() => _key = NewKey();

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static RsaSecurityKey NewKey() =>
        new(RSA.Create(2048).ExportParameters(includePrivateParameters: true)) { KeyId = Guid.NewGuid().ToString("N") };
}
