namespace Presence.Adapters.Http.Documents;

/// <summary>The examples of the document; a spec holds each against its schema, and sends those of requests.</summary>
internal static class Examples
{
    public const string Presence = """
        {"user_id":"alice","online_status":"busy","custom_status":"on a call till three","activity":"in_a_call","expires_at":"2026-12-01T15:00:00Z",
         "platforms":{"mobile":"away","web":"online"},"last_seen_at":"2026-12-01T14:20:00Z","updated_at":"2026-12-01T14:20:00Z","version":1796134800000000,
         "certainty":"confirmed"}
        """;

    public const string OwnPresence = """
        {"user_id":"alice","online_status":"busy","custom_status":"on a call till three","activity":"in_a_call","expires_at":"2026-12-01T15:00:00Z",
         "platforms":{"mobile":"away","web":"online"},"last_seen_at":"2026-12-01T14:20:00Z","updated_at":"2026-12-01T14:20:00Z","version":1796134800000000,
         "certainty":"confirmed","set_status":"busy"}
        """;

    public const string PresenceUpdate = """
        {"online_status":"busy","custom_status":"on a call till three","activity":"in_a_call","expires_in":2400}
        """;

    public const string UserIds = """{"user_ids":["alice","bob"]}""";

    public const string Presences = """{"presences":{"alice":""" + Presence + "}}";

    public const string Heartbeat = """{"active":true}""";

    public const string Typing = """{"conversation_id":"standup","is_typing":true}""";

    public const string TypingUsers = """{"conversation_id":"standup","typing_users":[{"user_id":"bob","expires_in":8}],"count":1}""";

    public const string Devices = """
        {"devices":[{"device_id":"phone-1","device_name":"Alice's phone","device_type":"phone","platform":"mobile","app_version":"4.2.0",
         "status":"idle","connected_at":"2026-12-01T08:00:00Z","last_active_at":"2026-12-01T14:19:30Z"}],"count":1}
        """;

    public const string Privacy = """
        {"online_status_visibility":"contacts","last_seen_visibility":"nobody","typing_indicators_enabled":true,"blocked":["mallory"],
         "overrides":{"bob":{"last_seen_visible":true}}}
        """;

    public const string Contacts = """{"contacts":["bob","carol"]}""";

    public const string Participants = """{"participants":["alice","bob"]}""";

    public const string Event = """
        {"event_type":"ticket.assigned","recipients":["alice","bob"],"payload":{"ticket":4711,"by":"carol"},"sender":"carol","ttl":86400}
        """;

    public const string EventTaken = """{"event_id":"3f2c1f0e-6a55-4c4f-9d0e-0a9a3f6a2b11","recipients":2}""";

    public const string Ticket = """{"ticket":"rj1Z0x8Q4v5kq7oO2n3bJ0gk1s9cT6uYw2eX4mPzA8E","expires_in":30}""";

    public const string Revocation = """{"user_id":"alice","device_id":"phone-1","until":"2199-12-31T15:00:00Z"}""";

    public const string Revoked = """
        {"user_id":"alice","device_id":"phone-1","revoked_at":"2026-12-01T15:00:00Z","until":"2026-12-31T15:00:00Z"}
        """;

    public const string ImportLine = """{"user_id":"alice","contacts":["bob","carol"]}""";

    public const string Import = """
        {"users":2000,"conversations":50,"refused":[{"line":17,"code":"invalid_id","message":"user_id: an id is a string of 1 to 128 of A-Z a-z 0-9 . _ : @ -"}],
         "refused_total":1}
        """;

    public const string Explanation = """
        {"user_id":"alice","viewer":"mallory","presence":{"user_id":"alice","online_status":"offline","custom_status":null,"activity":null,"expires_at":null,
         "platforms":{},"last_seen_at":null,"updated_at":"1970-01-01T00:00:00Z","version":0,"certainty":"confirmed"},"visible":false,"rule":"block",
         "because":["alice has blocked mallory"]}
        """;

    public const string Export =
        """{"user_id":"alice","exported_at":"2026-12-01T14:30:00Z","presence":"""
        + OwnPresence
        + ""","last_seen_at":"2026-12-01T14:20:00Z","privacy":"""
        + Privacy
        + """
            ,"devices":[{"device_id":"phone-1","device_name":"Alice's phone","device_type":"phone","platform":"mobile","app_version":"4.2.0",
             "status":"idle","connected_at":"2026-12-01T08:00:00Z","last_active_at":"2026-12-01T14:19:30Z"}],
             "contacts":["bob","carol"],"conversations":["standup"],
             "events":[{"event_id":"3f2c1f0e-6a55-4c4f-9d0e-0a9a3f6a2b11","event_type":"ticket.assigned","payload":{"ticket":4711},"sender":"carol",
             "sent_at":"2026-12-01T14:00:00Z","expires_at":"2026-12-02T14:00:00Z"}],
             "sent_events":[{"recipient":"bob","event_id":"51d1b3a4-7c02-4b0e-8f5d-3a3f0c9d7e21","event_type":"wave","payload":{},"sender":"alice",
             "sent_at":"2026-12-01T14:10:00Z","expires_at":"2026-12-01T14:12:00Z"}],
             "sessions":[{"device_id":"phone-1","subscriptions":["dave"],"conversations":["standup"],"saved_at":"2026-12-01T08:00:01Z"}],
             "journal":[{"sequence":1,"fact":"status-chosen","at":"2026-12-01T14:20:00Z","set_status":"busy","custom_status":"on a call till three",
             "activity":"in_a_call","expires_at":"2026-12-01T15:00:00Z"}]}
            """;

    public const string Stats = """
        {"users_online":2,"devices":3,"connections":3,"connects":7,"disconnects":{"normal":3,"replaced":1},"refused":{"origin":1},
         "nodes":[{"node":"akka.tcp://presence@127.0.0.1:8091","users_online":2,"devices":3,"connections":3,"connects":7,"disconnects":{"normal":3,"replaced":1},"refused":{"origin":1}}]}
        """;

    public const string Health = """{"status":"healthy","checks":{"store":"healthy"}}""";
}
