using System.Text.Json;

namespace Presence.Benchmarks.Privacy;

/// <summary>A client that has each thing that it is given judged, and keeps of every person the larger version, as a client should.</summary>
internal abstract class Viewer(Oracle oracle, string user)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Delivered> _held = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TaskCompletionSource> _awaited = new(StringComparer.Ordinal);
    private readonly HashSet<string> _came = new(StringComparer.Ordinal);

    /// <summary>Who.</summary>
    public string User => user;

    /// <summary>With which it comes back.</summary>
    public string? ResumeToken { get; private set; }

    /// <summary>The last cursor that it was told.</summary>
    public string? Cursor { get; protected set; }

    /// <summary>Whether it was told that it is resumed.</summary>
    public bool IsResumed { get; private set; }

    /// <summary>When it was made, which is before it connects: in microseconds since 1970.</summary>
    private readonly long _begun = Delivered.Micros(DateTimeOffset.UtcNow);

    /// <summary>What it knows of that person.</summary>
    public Delivered? Held(string other)
    {
        lock (_gate)
        {
            return _held.GetValueOrDefault(other);
        }
    }

    /// <summary>Forgets what it knows of that person, whom it watches no more.</summary>
    public void Forget(string other)
    {
        lock (_gate)
        {
            _held.Remove(other);
        }
    }

    /// <summary>Takes over what an earlier connection of the same client knows.</summary>
    public void GoOnFrom(Viewer earlier)
    {
        lock (_gate)
        {
            foreach (var (other, record) in earlier._held)
            {
                _held.TryAdd(other, record);
            }
        }
    }

    /// <summary>Waits until that came: the type of a frame, the id of one that is answered, or <c>event n</c>.</summary>
    public async Task Hears(string what)
    {
        Task waiting;
        lock (_gate)
        {
            if (_came.Contains(what))
            {
                return;
            }

            if (!_awaited.TryGetValue(what, out var awaited))
            {
                _awaited[what] = awaited = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            waiting = awaited.Task;
        }

        try
        {
            await waiting.WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (TimeoutException cause)
        {
            throw new TimeoutException($"{this} waited for {what} for 30 s", cause);
        }
    }

    /// <summary>Whether that came.</summary>
    protected bool HasHeard(string what)
    {
        lock (_gate)
        {
            return _came.Contains(what);
        }
    }

    /// <summary>A frame came.</summary>
    protected void Take(string type, string? id, JsonElement payload)
    {
        switch (type)
        {
            case "connection_ack":
                ResumeToken = payload.TryGetProperty("resume_token", out var token) ? token.GetString() : null;
                IsResumed = payload.GetProperty("resumed").GetBoolean();
                if (!IsResumed)
                {
                    // It knows what it is told now, and no more.
                    Clear();
                }

                break;
            case "presence_snapshot":
                TakeSnapshot(payload);
                break;
            case "presence_update":
                TakePush(payload);
                break;
            case "typing_indicator" when payload.GetProperty("is_typing").GetBoolean():
                oracle.JudgeTyping("typing push", user, payload.GetProperty("user_id").GetString()!);
                break;
            case "typing_snapshot":
                foreach (var typist in payload.GetProperty("typing_users").EnumerateArray())
                {
                    oracle.JudgeTyping("typing snapshot", user, typist.GetProperty("user_id").GetString()!);
                }

                break;
            case "event":
                Came($"event {payload.GetProperty("payload").GetProperty("n")}");
                break;
            case "pong":
                Cursor = payload.GetProperty("cursor").GetString();
                break;
            case "error" when payload.GetProperty("code").GetString() is "unavailable" or "timeout":
                Came($"{id} refused");
                break;
            case "error":
                oracle.Fail($"{this} was told {payload}");
                break;
        }

        Came(type);
        if (id is not null)
        {
            Came(id);
        }
    }

    /// <summary>Nothing more comes.</summary>
    protected void End() => Came("the end");

    private void Clear()
    {
        lock (_gate)
        {
            _held.Clear();
        }
    }

    private void TakeSnapshot(JsonElement payload)
    {
        if (payload.TryGetProperty("cursor", out var cursor))
        {
            Cursor = cursor.GetString();
        }

        foreach (var presence in payload.GetProperty("presences").EnumerateArray())
        {
            Keep("snapshot", Read(presence, isPush: false), isPush: false);
        }
    }

    private void TakePush(JsonElement payload) => Keep("push", Read(payload, isPush: true), isPush: true);

    private Delivered Read(JsonElement presence, bool isPush)
    {
        var given = Delivered.Read(presence, isPush, out var fault);
        if (fault is not null)
        {
            oracle.Fail($"{this} was given {presence}: {fault}");
        }

        return given;
    }

    private void Keep(string channel, Delivered given, bool isPush)
    {
        oracle.Judge(IsResumed && channel == "snapshot" ? "snapshot after a resume" : channel, user, given, isPush, isPush ? 0 : _begun);
        lock (_gate)
        {
            var known = _held.GetValueOrDefault(given.User);
            if (known is not null && given.User != user && given.Version < known.Version && given.Version > 0)
            {
                oracle.Fail($"{this} was given a version that fell: {known}, then {given}");
            }

            if (known is null || given.Version >= known.Version)
            {
                _held[given.User] = given;
            }
        }
    }

    private void Came(string what)
    {
        lock (_gate)
        {
            _came.Add(what);
            if (_awaited.Remove(what, out var awaited))
            {
                awaited.SetResult();
            }
        }
    }
}
