using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Presence.Benchmarks.Smoke;

namespace Presence.Benchmarks.Faults.Crowds;

/// <summary>What a crowd's people hear beside statuses and texts: who types, the events, the activities.</summary>
internal sealed class Ears
{
    private readonly Crowd _crowd;
    private readonly TimeSpan _typingTtl;
    private readonly ConcurrentDictionary<(int Listener, int Typist), bool> _typing = new();
    private readonly ConcurrentDictionary<(int Listener, string Event), bool> _events = new();
    private readonly ConcurrentDictionary<(int Listener, int User), string?> _activities = new();

    /// <summary>Begins to listen.</summary>
    /// <param name="crowd">With whose ears.</param>
    /// <param name="typingTtl">After that a typing ends by itself: none may be told to last longer.</param>
    public Ears(Crowd crowd, TimeSpan typingTtl)
    {
        (_crowd, _typingTtl) = (crowd, typingTtl);
        foreach (var person in crowd.People)
        {
            person.Heard = frame => Take(person.User, frame);
        }
    }

    /// <summary>Whether the listener was told that the other one types, and not that it ended.</summary>
    public bool HearsTyping(int listener, int typist) => _typing.GetValueOrDefault((listener, typist));

    /// <summary>Whether an event has arrived.</summary>
    public bool HasHeard(int listener, string id) => _events.ContainsKey((listener, id));

    /// <summary>The activity of a contact, as it was pushed last.</summary>
    public string? Activity(int listener, int user) => _activities.GetValueOrDefault((listener, user));

    private void Take(int listener, ReadOnlySpan<byte> frame)
    {
        if (!IsOf(frame, "typing_indicator"u8) && !IsOf(frame, "event"u8) && !IsOf(frame, "presence_update"u8))
        {
            return;
        }

        using var document = JsonDocument.Parse(frame.ToArray());
        var payload = document.RootElement.GetProperty("payload");
        switch (document.RootElement.GetProperty("type").GetString())
        {
            case "typing_indicator":
                TakeTyping(listener, payload);
                break;
            case "event":
                _events[(listener, payload.GetProperty("id").GetString()!)] = true;
                break;
            case "presence_update":
                _activities[(listener, UserOf(payload))] = payload.GetProperty("activity").GetString();
                break;
        }
    }

    private void TakeTyping(int listener, JsonElement payload)
    {
        var (types, typist) = (payload.GetProperty("is_typing").GetBoolean(), UserOf(payload));
        var lasts = payload.GetProperty("expires_in").GetDouble();
        _typing[(listener, typist)] = types;
        _crowd.Board.Findings.Hold(
            lasts >= 0 && lasts <= _typingTtl.TotalSeconds,
            $"{ContactRing.Id(listener)} was told that {ContactRing.Id(typist)} types for another {lasts} s"
        );
    }

    private static int UserOf(JsonElement payload) =>
        ContactRing.UserOf(Encoding.UTF8.GetBytes(payload.GetProperty("user_id").GetString()!));

    /// <summary>The type is what a frame begins with.</summary>
    private static bool IsOf(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> type)
    {
        var at = frame.IndexOf(type);
        return at > 0 && at < 12 && frame[at + type.Length] == '"';
    }
}
