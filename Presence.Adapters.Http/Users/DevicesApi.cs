using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Presence.Actors.Users;
using Presence.Adapters.Http.Documents;
using Presence.Adapters.Http.Wire;
using Presence.Core.Errors;
using Presence.Core.Json;
using Presence.Core.Users;

namespace Presence.Adapters.Http.Users;

/// <summary>The devices of a user, and their end.</summary>
internal static class DevicesApi
{
    public static void MapDevices(this IEndpointRouteBuilder routes)
    {
        routes
            .MapGet("/devices", List)
            .For(Access.User)
            .Does("The own devices: those connected, or all known.")
            .Gives<DevicesSchema>(Examples.Devices)
            .Refuses(StatusCodes.Status400BadRequest);
        routes
            .MapDelete("/devices/{device_id}", RemoveOwn)
            .For(Access.User)
            .Does("Closes the device's socket with 4403; forgets one that is known and not connected.")
            .GivesNothing()
            .Refuses(StatusCodes.Status404NotFound);
        routes
            .MapDelete("/users/{user_id}/devices/{device_id}", RemoveOf)
            .For(Access.Service)
            .Does("The same for any user.")
            .GivesNothing()
            .Refuses(StatusCodes.Status404NotFound);
        routes
            .MapPost("/users/{user_id}/disconnect", Disconnect)
            .For(Access.Service)
            .Does("Closes all sockets of the user with 4403.")
            .GivesNothing();
    }

    private static async Task<IResult> List(HttpContext http, [FromQuery(Name = "all")] string? all, Entities entities)
    {
        if (all is not (null or "1" or "true" or "0" or "false"))
        {
            return new ProblemAnswer(Refusal.InvalidPayload("all", "1 or 0"));
        }

        return await entities.Ask<DevicesAre>(
            new GetDevices(http.CallingUser(), all is "1" or "true"),
            answer => new JsonAnswer(writer => Write(writer, answer)),
            http.RequestAborted
        );
    }

    private static Task<IResult> RemoveOwn(HttpContext http, [FromRoute(Name = "device_id")] string deviceId, Entities entities) =>
        Remove(http, new RemoveDevice(http.CallingUser(), new DeviceId(deviceId), http.IsUnlimited()), entities);

    private static Task<IResult> RemoveOf(
        HttpContext http,
        [FromRoute(Name = "user_id")] string userId,
        [FromRoute(Name = "device_id")] string deviceId,
        Entities entities
    ) => Remove(http, new RemoveDevice(new UserId(userId), new DeviceId(deviceId), ByService: true), entities);

    private static Task<IResult> Remove(HttpContext http, RemoveDevice remove, Entities entities) =>
        entities.Ask<Done>(remove, _ => Results.NoContent(), http.RequestAborted);

    private static Task<IResult> Disconnect(HttpContext http, [FromRoute(Name = "user_id")] string userId, Entities entities) =>
        entities.Ask<Done>(new DisconnectUser(new UserId(userId)), _ => Results.NoContent(), http.RequestAborted);

    /// <summary>The field <c>devices</c>.</summary>
    public static void WriteDevices(this Utf8JsonWriter writer, DevicesAre answer)
    {
        writer.WriteStartArray("devices"u8);
        foreach (var device in answer.Devices)
        {
            writer.WriteStartObject();
            writer.WriteString("device_id"u8, device.DeviceId.Value);
            writer.WriteString("device_name"u8, device.Info.Name);
            writer.WriteString("device_type"u8, device.Info.Type);
            writer.WriteString("platform"u8, device.Info.Platform);
            writer.WriteString("app_version"u8, device.Info.AppVersion);
            writer.WriteString("status"u8, Token(device.Status));
            writer.WriteTime("connected_at"u8, device.ConnectedAt);
            writer.WriteTime("last_active_at"u8, device.LastActiveAt);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, DevicesAre answer)
    {
        writer.WriteStartObject();
        writer.WriteDevices(answer);
        writer.WriteNumber("count"u8, answer.Devices.Length);
        writer.WriteEndObject();
    }

    private static string Token(DeviceStatus status) =>
        status switch
        {
            DeviceStatus.Active => "active",
            DeviceStatus.Idle => "idle",
            _ => "disconnected",
        };
}
