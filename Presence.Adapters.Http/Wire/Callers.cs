using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Presence.Actors;
using Presence.Actors.Users;
using Presence.Core.Identity;
using Presence.Core.Users;

namespace Presence.Adapters.Http.Wire;

/// <summary>What a route wants to know of its request.</summary>
internal static class Callers
{
    /// <summary>Who is calling, if anybody is known to.</summary>
    public static Caller? Caller(this HttpContext http) => http.Features.Get<Caller>();

    /// <summary>The user who calls; only in routes for users.</summary>
    public static UserId CallingUser(this HttpContext http) =>
        http.Caller()?.User ?? throw new InvalidOperationException("a route for users was reached without one");

    /// <summary>Whether no rate of a user holds for the call, which a service makes.</summary>
    public static bool IsUnlimited(this HttpContext http) => http.Caller() is { IsLimited: false };

    /// <summary>By whose eyes a read is: the user's where the call names one, else the owner's (null), which only a service gets.</summary>
    public static UserId? Viewer(this HttpContext http) =>
        http.Caller() is { } caller && (caller.User is not null || caller.IsService)
            ? caller.User
            : throw new InvalidOperationException("a read was reached without an identity");

    /// <summary>The device that calls, where it says so: such a call is a heartbeat of it.</summary>
    public static CallingDevice? CallingDevice(this HttpContext http) =>
        http.Caller() is { Device: { } device } caller ? new CallingDevice(device, caller.Info) : null;

    /// <summary>The largest body, in bytes.</summary>
    public static int BodyLimit(this HttpContext http) => http.Limits().BodyBytes;

    /// <summary>The limits of the node.</summary>
    public static LimitOptions Limits(this HttpContext http) => http.RequestServices.GetRequiredService<PresenceOptions>().Limits;
}
