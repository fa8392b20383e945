using System.Text.Json;
using Presence.Adapters.Http.Wire;
using Presence.Core.Errors;
using Presence.Core.Json;
using Presence.Core.Users;

namespace Presence.Adapters.Http.Users;

/// <summary>The lists of users that the directories hold: read from a body, written sorted.</summary>
internal static class IdList
{
    /// <summary>The most users of one list.</summary>
    public const int Max = 10_000;

    public const string NotOneself = "a user is no contact of itself";

    /// <summary>A list of contacts of that user.</summary>
    public static Parsed<IReadOnlyList<UserId>> Contacts(JsonElement payload, UserId user)
    {
        var list = Payloads.UserIds(payload, "contacts", min: 0, Max);
        return list.Value?.Contains(user) == true ? Refusal.InvalidPayload("contacts", NotOneself) : list;
    }

    /// <summary>A list of participants.</summary>
    public static Parsed<IReadOnlyList<UserId>> Participants(JsonElement payload) => Payloads.UserIds(payload, "participants", min: 0, Max);

    /// <summary>The list under that name, sorted byte by byte, so that the same list always reads the same.</summary>
    public static JsonAnswer Result(string field, IEnumerable<UserId> users) =>
        new(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray(field);
            foreach (var user in users.Select(user => user.Value).Order(StringComparer.Ordinal))
            {
                writer.WriteStringValue(user);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
}
