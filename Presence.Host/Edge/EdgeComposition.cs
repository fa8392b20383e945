using Presence.Adapters.Http.Operations;
using Presence.Host.Identity;
using Presence.Host.Operations;

namespace Presence.Host.Edge;

/// <summary>What stands between the port and the routes, in the order in which a request meets it.</summary>
internal static class EdgeComposition
{
    /// <summary>What is wrong with the settings of the port, each with what to write instead; empty where nothing is.</summary>
    public static IEnumerable<string> Problems(IConfiguration configuration)
    {
        foreach (var problem in HttpsSettings.Problems(configuration))
        {
            yield return problem;
        }

        // ASP.NET Core would take X-Forwarded-For of anybody for the address of the connection, and that is what trusted networks are judged by.
        if (
            configuration["FORWARDEDHEADERS_ENABLED"] is { Length: > 0 } enabled
            && !bool.FalseString.Equals(enabled, StringComparison.OrdinalIgnoreCase)
        )
        {
            yield return $"ASPNETCORE_FORWARDEDHEADERS_ENABLED is {enabled}, and with it whoever connects could say that it comes from a network of Presence:Authentication:TrustedProxies: "
                + "leave it out, the address of the connection is what counts";
        }
    }

    /// <param name="builder">Of the service.</param>
    /// <param name="authentication">Which origins are listed.</param>
    /// <param name="operations">Who may ask what an operator asks.</param>
    /// <param name="onLoopback">Whether only this machine can connect.</param>
    public static void AddEdge(
        this WebApplicationBuilder builder,
        AuthenticationOptions authentication,
        OperationsOptions operations,
        bool onLoopback
    )
    {
        var policy = new OriginPolicy(authentication, onLoopback, builder.Configuration["AllowedHosts"]);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            HttpsSettings.Harden(kestrel);
        });
        builder.Services.AddSingleton(policy).AddSingleton(operations);
        builder.Services.AddCors(options => options.AddDefaultPolicy(cors => CrossOrigin.Apply(cors, policy)));
        builder.Services.AddHsts(options => options.MaxAge = HttpsSettings.HstsAge);
    }

    /// <summary>After what makes problems of faults, and before whatever makes out who calls.</summary>
    public static void UseEdge(this WebApplication app, AuthenticationOptions authentication)
    {
        app.UseMiddleware<SecurityHeadersMiddleware>();
        app.UseHsts();
        app.UseMiddleware<RefusedHandshakes>();
        if (!authentication.IsJwt)
        {
            // A token proves who calls, wherever the call comes from.
            app.UseMiddleware<TrustedProxiesMiddleware>();
        }

        app.UseMiddleware<OriginMiddleware>();
        app.UseCors();
        app.UseServiceAudit();
    }

    /// <summary>Once it is known who calls.</summary>
    public static void UseCallerChecks(this WebApplication app) => app.UseMiddleware<OperationsAccessMiddleware>();
}
