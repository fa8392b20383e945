using System.Text.Json;
using Presence.Adapters.Http.Users;
using Presence.Adapters.Http.Wire;
using Presence.Core.Contacts;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Json;
using Presence.Core.Users;

namespace Presence.Adapters.Http.Import;

/// <summary>What a line of an import says: one of the two.</summary>
internal sealed record ImportedList(ContactList? Contacts, ParticipantList? Participants)
{
    /// <summary>How many ids it lists.</summary>
    public int Count => Contacts?.Contacts.Count ?? Participants!.Participants.Count;

    /// <summary>Reads a line.</summary>
    public static Parsed<ImportedList> Read(ReadOnlyMemory<byte> utf8) => Bodies.ReadObject(utf8, Read);

    private static Parsed<ImportedList> Read(JsonElement line) =>
        (line.TryGetProperty("user_id", out _), line.TryGetProperty("conversation_id", out _)) switch
        {
            (true, false) => ReadContacts(line),
            (false, true) => ReadParticipants(line),
            _ => Refusal.InvalidPayload("user_id", "a line has either user_id and contacts, or conversation_id and participants"),
        };

    private static Parsed<ImportedList> ReadContacts(JsonElement line)
    {
        if (!Payloads.TryId(line, "user_id", out var id))
        {
            return Refusal.InvalidId("user_id");
        }

        var user = new UserId(id);
        var list = IdList.Contacts(line, user);
        return list.Value is { } contacts ? new ImportedList(new ContactList(user, contacts), null) : list.Refusal!;
    }

    private static Parsed<ImportedList> ReadParticipants(JsonElement line)
    {
        if (!Payloads.TryId(line, "conversation_id", out var id))
        {
            return Refusal.InvalidId("conversation_id");
        }

        var list = IdList.Participants(line);
        return list.Value is { } participants
            ? new ImportedList(null, new ParticipantList(new ConversationId(id), participants))
            : list.Refusal!;
    }
}
