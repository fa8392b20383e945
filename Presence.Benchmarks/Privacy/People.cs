using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Presence.Benchmarks.Privacy;

/// <summary>Some people and their clients, and all that can happen to them. What is to happen is told to the oracle first, then done; each is done when the service has answered.</summary>
internal sealed class People(Oracle oracle, Uri server, Func<string, Task> stopEntity, int count) : IAsyncDisposable
{
    /// <summary>The one conversation, in which everybody takes part.</summary>
    private const string Room = "room";

    private const int MostTries = 20;

    /// <summary>Longer than a node's writer gathers rows: an entity that is stopped earlier begins anew from older ones.</summary>
    private static readonly TimeSpan Written = TimeSpan.FromMilliseconds(600);

    /// <summary>Well above the hubs' jitter.</summary>
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(1.5);

    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = server };
    private readonly IPEndPoint _endpoint = new(IPAddress.Parse(server.Host), server.Port);
    private readonly Dictionary<string, List<ViewerSocket>> _sockets = Enumerable
        .Range(0, count)
        .ToDictionary(i => $"p{i}", _ => new List<ViewerSocket>(), StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ViewerStream> _streams = new(StringComparer.Ordinal);
    private int _devices;
    private int _barriers;

    /// <summary>Their names.</summary>
    public IReadOnlyList<string> Names { get; } = [.. Enumerable.Range(0, count).Select(i => $"p{i}")];

    /// <summary>The sockets of that person.</summary>
    public IReadOnlyList<ViewerSocket> SocketsOf(string user) => _sockets[user];

    /// <summary>Everybody takes part in the conversation; some listen.</summary>
    public async Task Begin(int listeners)
    {
        await Send("PUT", $"/conversations/{Room}/participants", null, JsonSerializer.Serialize(new { participants = Names }));
        foreach (var user in Names.Take(listeners))
        {
            await Listen(user);
        }
    }

    /// <summary>Chooses status, text, activity; by the socket, where there is one and <paramref name="bySocket"/>.</summary>
    public async Task Choose(string user, string? status, string? text, string? activity, string? expiresAt, bool bySocket)
    {
        oracle.Change(user, facts => facts.Choose(status, text, activity, expiresAt));
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        Add(fields, "online_status", status);
        Add(fields, "custom_status", text);
        Add(fields, "activity", activity);
        Add(fields, "expires_at", expiresAt);
        var body = JsonSerializer.Serialize(fields);
        if (!bySocket || SocketsOf(user).FirstOrDefault() is not { } socket || !await socket.Ask("presence_update", body))
        {
            await Send("POST", "/", user, body);
        }
    }

    /// <summary>Chooses who may see what.</summary>
    public async Task Choose(string user, Rule rule)
    {
        oracle.Change(user, facts => facts.Choose(rule));
        await Send("PUT", "/privacy", user, Json(rule));
    }

    /// <summary>The two become, or cease to be, contacts.</summary>
    public async Task Pair(string one, string other, bool are)
    {
        oracle.Change(one, other, are);
        await Send(are ? "PUT" : "DELETE", $"/users/{one}/contacts/{other}", null);
    }

    /// <summary>A device connects.</summary>
    public async Task Connect(string user, string platform)
    {
        var socket = new ViewerSocket(oracle, user, $"d{++_devices}", platform);
        oracle.Change(user, facts => facts.Connect(socket.Device, platform, active: true));
        await socket.Connect(_endpoint, _devices % 2 == 0 ? "?snapshot=full" : "");
        Of(user).Add(socket);
    }

    /// <summary>A device is removed, without a grace.</summary>
    public async Task Disconnect(ViewerSocket socket)
    {
        oracle.Change(socket.User, facts => facts.Disconnect(socket.Device));
        Of(socket.User).Remove(socket);
        await Send("DELETE", $"/users/{socket.User}/devices/{socket.Device}", null);
        await TakesEffect(socket.User);
        socket.Dispose();
    }

    /// <summary>A device breaks off, and comes back as clients do.</summary>
    public async Task ComeBack(ViewerSocket socket)
    {
        var next = new ViewerSocket(oracle, socket.User, socket.Device, socket.Platform);
        await socket.Ask("ping", "{}");
        // It may be back within the grace, or later; it is back as an active one.
        oracle.Change(socket.User, facts => facts.Disconnect(socket.Device));
        oracle.Change(socket.User, facts => facts.Connect(socket.Device, socket.Platform, active: true));
        socket.Break();
        await socket.Hears("the end");
        next.GoOnFrom(socket);
        await next.Connect(_endpoint, $"?resume={Uri.EscapeDataString(socket.ResumeToken!)}&cursor={Uri.EscapeDataString(socket.Cursor!)}");
        oracle.Count1(next.IsResumed ? "came back resumed" : "came back anew");
        if (next.IsResumed)
        {
            next.Subscriptions.UnionWith(socket.Subscriptions);
        }

        Of(socket.User).Remove(socket);
        Of(socket.User).Add(next);
        socket.Dispose();
        await TakesEffect(socket.User);
    }

    /// <summary>The person is idle on the device, or active again.</summary>
    public async Task Beat(ViewerSocket socket, bool active)
    {
        oracle.Change(socket.User, facts => facts.Connect(socket.Device, socket.Platform, active));
        await socket.Ask("heartbeat", active ? """{"active":true}""" : """{"active":false}""");
        await TakesEffect(socket.User);
    }

    /// <summary>Types, or stops.</summary>
    public async Task Type(string user, bool types)
    {
        oracle.Change(user, facts => facts.Type(types));
        await Send("POST", "/typing", user, JsonSerializer.Serialize(new { conversation_id = Room, is_typing = types }));
    }

    /// <summary>Watches some, or no more.</summary>
    public static async Task Subscribe(ViewerSocket socket, IReadOnlyCollection<string> users, bool subscribe)
    {
        foreach (var user in users)
        {
            if (subscribe)
            {
                socket.Subscriptions.Add(user);
            }
            else if (socket.Subscriptions.Remove(user))
            {
                socket.Forget(user);
            }
        }

        await socket.Ask(subscribe ? "subscribe" : "unsubscribe", JsonSerializer.Serialize(new { user_ids = users }));
    }

    /// <summary>The person's entity stops, and another one takes its place, as in a move.</summary>
    public async Task Move(string user)
    {
        await Task.Delay(Written);
        // What is known of a person's typing ends with the entity that saw it begin.
        oracle.Change(user, facts => facts with { Types = false });
        await stopEntity(user);
        await TakesEffect(user);
        // The hubs notice by death-watch, and ask the new one after a jitter: of that nobody tells.
        await Task.Delay(Noticed);
    }

    /// <summary>All of the person is erased; it may begin anew.</summary>
    public async Task Erase(string user)
    {
        foreach (var other in Names.Where(other => other != user && oracle.AreContacts(user, other)))
        {
            oracle.Change(user, other, are: false);
        }

        oracle.Change(user, _ => new Facts());
        await Send("DELETE", $"/users/{user}", null);
        Of(user).ForEach(socket => socket.Dispose());
        Of(user).Clear();
        await Send("PUT", $"/conversations/{Room}/participants/{user}", null);
        if (_streams.TryRemove(user, out var stream))
        {
            stream.Dispose();
            await Listen(user);
        }
    }

    /// <summary>Everybody has heard of all that was done. An event goes the way of everything else, and after it.</summary>
    public async Task AllHear()
    {
        var number = ++_barriers;
        await Send(
            "POST",
            "/events",
            null,
            JsonSerializer.Serialize(
                new
                {
                    event_type = "barrier",
                    recipients = Names,
                    payload = new { n = number },
                }
            )
        );
        await Task.WhenAll(Viewers.Select(viewer => viewer.Hears($"event {number}")));
        oracle.AllHaveHeard();
    }

    /// <summary>Reads all of everybody, by everybody's eyes.</summary>
    public Task ReadAll() => Task.WhenAll(Names.Select(ReadBulk));

    /// <summary>One viewer reads everybody.</summary>
    public async Task ReadBulk(string viewer)
    {
        var asked = Now();
        var answer = await Send("POST", "/bulk", viewer, JsonSerializer.Serialize(new { user_ids = Names }));
        foreach (var presence in answer.GetProperty("presences").EnumerateObject())
        {
            Judge("bulk", viewer, presence.Value, asked);
        }
    }

    /// <summary>One viewer reads one, by each of the other ways.</summary>
    public async Task Read(string viewer, string user)
    {
        var asked = Now();
        Judge("get", viewer, await Send("GET", $"/users/{user}", viewer), asked);
        if (viewer != user)
        {
            Judge("explain", viewer, (await Send("GET", $"/users/{user}/explain?viewer={viewer}", null)).GetProperty("presence"), asked);
        }
    }

    /// <summary>One viewer asks who types.</summary>
    public async Task ReadTyping(string viewer, bool atRest)
    {
        // One who is erased meanwhile takes part no more, until it does again.
        var answer = await Send("GET", $"/typing/{Room}", viewer, orForbidden: !atRest);
        if (answer.TryGetProperty("code", out _))
        {
            return;
        }

        var typists = answer
            .GetProperty("typing_users")
            .EnumerateArray()
            .Select(typist => typist.GetProperty("user_id").GetString()!)
            .ToList();
        typists.ForEach(typist => oracle.JudgeTyping("typing", viewer, typist));
        if (atRest)
        {
            oracle.JudgeTypists(viewer, typists);
        }
    }

    /// <summary>What each client has come to know of those whom it watches is what is so.</summary>
    public void CheckHeld()
    {
        foreach (var viewer in Viewers)
        {
            var subscriptions = (viewer as ViewerSocket)?.Subscriptions;
            foreach (var user in Names.Where(user => user != viewer.User))
            {
                if (oracle.AreContacts(viewer.User, user) || subscriptions?.Contains(user) == true)
                {
                    oracle.JudgeHeld(viewer.User, user, viewer.Held(user));
                }
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        foreach (var viewer in Viewers.OfType<IDisposable>().ToList())
        {
            viewer.Dispose();
        }

        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private IEnumerable<Viewer> Viewers => _sockets.Values.SelectMany(sockets => sockets).Concat<Viewer>(_streams.Values);

    private List<ViewerSocket> Of(string user) => _sockets[user];

    private async Task Listen(string user)
    {
        var stream = new ViewerStream(oracle, user, _http);
        await stream.Connect();
        _streams[user] = stream;
    }

    private static long Now() => Delivered.Micros(DateTimeOffset.UtcNow);

    private void Judge(string channel, string viewer, JsonElement presence, long asked)
    {
        var given = Delivered.Read(presence, isPush: false, out var fault);
        if (fault is not null)
        {
            oracle.Fail($"{channel} to {viewer}: {presence}: {fault}");
        }

        oracle.Judge(channel, viewer, given, isPush: false, asked);
    }

    /// <summary>Some things are answered before they take effect: the owner sees when they do.</summary>
    private async Task TakesEffect(string user)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var own = Delivered.Read(await Send("GET", $"/users/{user}", user), isPush: false, out _);
            var facts = oracle.Now(user);
            var platforms = (facts with { SetStatus = facts.SetStatus, Held = null, Rule = Rule.Default })
                .For("somebody else", false)
                .Platforms;
            if (own.Certainty == "confirmed" && own.Status == facts.Status && own.Platforms == platforms)
            {
                return;
            }

            if (patience.IsCancellationRequested)
            {
                throw new TimeoutException($"{user} sees {own}, and it is {facts}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }
    }

    /// <summary>All of it means the same when it is said twice: a machine so busy that the service gives up is asked again.</summary>
    private async Task<JsonElement> Send(string method, string path, string? user, string? body = null, bool orForbidden = false)
    {
        for (var tries = 1; ; tries++)
        {
            var (status, text) = await SendOnce(method, path, user, body);
            if ((int)status < 300 || (orForbidden && status == HttpStatusCode.Forbidden))
            {
                return text.Length == 0 ? default : JsonElement.Parse(text);
            }

            if (tries == MostTries || status is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout))
            {
                throw new InvalidOperationException(
                    string.Create(CultureInfo.InvariantCulture, $"{method} {path} by {user}: {(int)status} {text}")
                );
            }

            oracle.Count1("asked again");
            await Task.Delay(TimeSpan.FromMilliseconds(300));
        }
    }

    private async Task<(HttpStatusCode Status, string Text)> SendOnce(string method, string path, string? user, string? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (user is not null)
        {
            request.Headers.Add("X-User-ID", user);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        }

        using var response = await _http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static void Add(Dictionary<string, string> fields, string name, string? value)
    {
        if (value is not null)
        {
            fields[name] = value;
        }
    }

    private static string Json(Rule rule) =>
        JsonSerializer.Serialize(
            new
            {
                online_status_visibility = rule.Status,
                last_seen_visibility = rule.LastSeen,
                typing_indicators_enabled = rule.Typing,
                blocked = rule.Blocked.ToArray(),
                overrides = rule.Exemptions.ToImmutableSortedDictionary(
                    entry => entry.Key,
                    entry =>
                        Given(
                            ("online_status_visible", entry.Value.Status),
                            ("last_seen_visible", entry.Value.LastSeen),
                            ("typing_visible", entry.Value.Typing)
                        ),
                    StringComparer.Ordinal
                ),
            }
        );

    private static Dictionary<string, bool> Given(params (string Name, bool? Value)[] fields) =>
        fields.Where(field => field.Value is not null).ToDictionary(field => field.Name, field => field.Value!.Value);
}
