using System.Text.Json;
using Presence.Core.Errors;
using Presence.Core.Json;

namespace Presence.Adapters.Http.Users;

/// <summary>The body of a heartbeat, as a socket would send it: by HTTP it need not be there.</summary>
/// <param name="Active">Whether the person is active; null: as it was.</param>
internal sealed record HeartbeatBody(bool? Active)
{
    public static Parsed<HeartbeatBody> Read(JsonElement payload) =>
        !payload.TryGetProperty("active", out var active) ? new HeartbeatBody(Active: null)
        : active.ValueKind is JsonValueKind.True or JsonValueKind.False ? new HeartbeatBody(active.GetBoolean())
        : Refusal.InvalidPayload("active", "true or false");
}
