using System.Text.Json;
using Presence.Core.Errors;
using Presence.Core.Json;

namespace Presence.Adapters.Http.Users;

/// <summary>The body of a heartbeat, as a socket would send it: by HTTP it need not be there, and changes nothing.</summary>
internal sealed record HeartbeatBody
{
    private static readonly HeartbeatBody Instance = new();

    public static Parsed<HeartbeatBody> Read(JsonElement payload) =>
        !payload.TryGetProperty("active", out var active) || active.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? Instance
            : Refusal.InvalidPayload("active", "true or false");
}
