using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Presence.Actors;
using Presence.Actors.Identity;
using Presence.Actors.Nodes;
using Presence.Actors.Users;
using Presence.Adapters.Http;
using Presence.Adapters.Http.Wire;
using Presence.Core.Contacts;
using Presence.Core.Conversations;
using Presence.Core.Events;
using Presence.Core.Identity;
using Presence.Core.Privacy;
using Presence.Core.Users;

namespace Presence.Specs.Http;

/// <summary>The HTTP adapter alone, in process: in place of each actor one that answers as the spec says, in place of the store two directories in memory.</summary>
internal sealed class HttpApp : IAsyncDisposable
{
    private static ApiDocument? _document;

    private readonly WebApplication _app;

    private HttpApp(ActorSystem system, Action<IServiceCollection>? configure, Action<WebApplication>? map, bool onPort)
    {
        Standing = NodeStanding.Unwatched(Pulse);
        Users = new(system);
        Conversations = new(system);
        Hub = new(system);
        Loader = new(system);
        Reset();

        var builder = WebApplication.CreateSlimBuilder();
        if (onPort)
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
        }
        else
        {
            builder.WebHost.UseTestServer();
        }

        builder.Logging.ClearProviders();
        builder
            .Services.AddSingleton(new PresenceOptions())
            .AddSingleton<IRequiredActor<UserRegion>>(new Fixed<UserRegion>(Users.Ref))
            .AddSingleton<IRequiredActor<ConversationRegion>>(new Fixed<ConversationRegion>(Conversations.Ref))
            .AddSingleton<IRequiredActor<HubKey>>(new Fixed<HubKey>(Hub.Ref))
            .AddSingleton<IRequiredActor<StatsKey>>(new Fixed<StatsKey>(Hub.Ref))
            .AddSingleton<IRequiredActor<DirectoryNewsKey>>(new Fixed<DirectoryNewsKey>(Loader.Ref))
            .AddSingleton(Standing)
            .AddSingleton<IContactDirectory>(Contacts)
            .AddSingleton<IConversationDirectory>(Participants)
            .AddTransient<IEventStore>(_ => Events)
            .AddTransient<ITicketStore>(_ => Tickets)
            .AddTransient<IRevocationStore>(_ => Revocations)
            .AddSingleton(TokenTimes.Default)
            .AddSingleton<IUserArchive>(Archive)
            .AddSingleton<NodeCounters>()
            .AddSingleton(TimeProvider.System)
            .AddSingleton(Presence.Actors.Nodes.NodeClock.Of(system))
            .AddSingleton(new Patience(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10)))
            .AddPresenceHttp();
        configure?.Invoke(builder.Services);

        _app = builder.Build();
        _app.UsePresenceProblems();
        _app.Use(
            (http, next) =>
            {
                http.Features.Set(CallerOf(http.Request.Headers));
                return next(http);
            }
        );
        _app.MapPresenceHttp();
        map?.Invoke(_app);
    }

    /// <summary>The clock of the node's pulse: it stands, unless the spec lets the node pause.</summary>
    public FakeTimeProvider Pulse { get; } = new();

    public NodeStanding Standing { get; }

    public FakeActor Users { get; }

    public FakeActor Conversations { get; }

    public FakeActor Hub { get; }

    public FakeActor Loader { get; }

    public ContactsInMemory Contacts { get; } = new();

    public ParticipantsInMemory Participants { get; } = new();

    public World.EventsInMemory Events { get; private set; } = new();

    public World.TicketsInMemory Tickets { get; private set; } = new();

    public World.RevocationsInMemory Revocations { get; private set; } = new();
    public ArchiveInMemory Archive { get; } = new();

    public IServiceProvider Services => _app.Services;

    public HttpClient Client { get; private set; } = null!;

    public static async Task<HttpApp> Start(
        ActorSystem system,
        Action<IServiceCollection>? configure = null,
        Action<WebApplication>? map = null,
        bool onPort = false
    )
    {
        var app = new HttpApp(system, configure, map, onPort);
        await app._app.StartAsync();
        app.Client = onPort ? new HttpClient { BaseAddress = new Uri(app._app.Urls.Single()) } : app._app.GetTestClient();
        return app;
    }

    /// <summary>The adapter on a real port, for what depends on the server.</summary>
    public static Task<HttpApp> StartOnPort(ActorSystem system) => Start(system, onPort: true);

    /// <summary>Sends a request. The identity is a word: a user, <c>user/device</c>, <c>service</c>, <c>service:user</c>, or empty.</summary>
    public async Task<Answer> Send(string methodAndPath, string identity, string? body = null, string mediaType = "application/json")
    {
        using var content = body is null ? null : Content(Encoding.UTF8.GetBytes(body), mediaType);
        return await Send(methodAndPath, identity, content);
    }

    public async Task<Answer> Send(string methodAndPath, string identity, HttpContent? content)
    {
        var words = methodAndPath.Split(' ', 2);
        using var request = new HttpRequestMessage(new HttpMethod(words[0]), words[1]) { Content = content };
        request.Headers.Add("X-Identity", identity);
        using var response = await Client.SendAsync(request);
        var answer = await Answer.From(response);
        await HoldAgainstDocument(words[0], words[1], answer);
        return answer;
    }

    /// <summary>Forgets what earlier specs left.</summary>
    public void Reset()
    {
        Users.Reset(Unexpected);
        Conversations.Reset(Unexpected);
        Hub.Reset(Unexpected);
        Loader.Reset(_ => Done.Instance);
        Contacts.Reset();
        Participants.Reset();
        Archive.Kept = null;
        Events = new();
        Tickets = new();
        Revocations = new();
    }

    public static ByteArrayContent Content(byte[] bytes, string? mediaType)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = mediaType is null ? null : MediaTypeHeaderValue.Parse(mediaType);
        return content;
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        await _app.DisposeAsync();
    }

    /// <summary>Every response of every spec is to be as the published document says.</summary>
    private async Task HoldAgainstDocument(string method, string target, Answer answer)
    {
        _document ??= await ApiDocument.Of(this);
        var path = target.Split('?')[0];
        foreach (var prefix in PresenceHttp.Prefixes.Reverse().Where(prefix => prefix.Length > 0))
        {
            path =
                path == prefix || path.StartsWith(prefix + "/", StringComparison.Ordinal)
                    ? "/" + path[prefix.Length..].TrimStart('/')
                    : path;
        }

        if (!_document.Operations.Contains($"{method} {path}") && ReservedRoutes.Words.ContainsKey(path.TrimStart('/')))
        {
            return;
        }

        _document.FaultsOfResponse(method, path, (int)answer.Status, answer.MediaType, answer.Text).ShouldBeEmpty(answer.Text);
    }

    private static object? Unexpected(object message) => throw new InvalidOperationException($"no answer to {message}");

    private static Caller? CallerOf(Microsoft.AspNetCore.Http.IHeaderDictionary headers)
    {
        var identity = headers["X-Identity"].ToString();
        var isService = identity.StartsWith("service", StringComparison.Ordinal);
        var name = isService ? identity["service".Length..].TrimStart(':') : identity;
        var parts = name.Split('/');
        return identity.Length == 0
            ? null
            : new Caller(
                parts[0].Length == 0 ? null : new UserId(parts[0]),
                parts.Length == 1 ? null : new DeviceId(parts[1]),
                new DeviceInfo("Laptop", "desktop", "web", "1.0"),
                isService
            );
    }

    private sealed class Fixed<T>(IActorRef actor) : IRequiredActor<T>
    {
        public IActorRef ActorRef => actor;

        public Task<IActorRef> GetAsync(CancellationToken cancellationToken = default) => Task.FromResult(actor);
    }
}

/// <summary>What came back.</summary>
internal sealed record Answer(
    HttpStatusCode Status,
    string? MediaType,
    string Text,
    HttpResponseHeaders Headers,
    HttpContentHeaders ContentHeaders
)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public string? Code => MediaType == "application/problem+json" ? (string?)Json["code"] : null;

    public static async Task<Answer> From(HttpResponseMessage response) =>
        new(
            response.StatusCode,
            response.Content.Headers.ContentType?.MediaType,
            await response.Content.ReadAsStringAsync(),
            response.Headers,
            response.Content.Headers
        );

    public void ShouldBeProblem(HttpStatusCode status, string code)
    {
        Status.ShouldBe(status, Text);
        MediaType.ShouldBe("application/problem+json");
        ((string?)Json["code"]).ShouldBe(code, Text);
        ((int?)Json["status"]).ShouldBe((int)status);
        ((string?)Json["type"]).ShouldNotBeNullOrEmpty();
        ((string?)Json["title"]).ShouldNotBeNullOrEmpty();
        ((string?)Json["detail"]).ShouldNotBeNullOrEmpty();
    }
}

/// <summary>Answers every message as the spec says; null: not at all. Remembers what came.</summary>
internal sealed class FakeActor
{
    private readonly ConcurrentQueue<object> _received = new();

    public FakeActor(ActorSystem system) => Ref = system.ActorOf(Props.Create(() => new Inner(this)));

    public IActorRef Ref { get; }

    public Func<object, object?> Answer { get; set; } = _ => null;

    public IReadOnlyCollection<object> Received => _received;

    /// <summary>What is answered when a viewer's rule is asked for, which goes before a read; null: as all else is.</summary>
    public PrivacyRule? OfViewers { get; set; } = PrivacyRule.Default;

    public void Reset(Func<object, object?> answer)
    {
        _received.Clear();
        OfViewers = PrivacyRule.Default;
        Answer = answer;
    }

    public T Single<T>() => _received.ShouldHaveSingleItem().ShouldBeOfType<T>();

    private sealed class Inner(FakeActor fake) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is GetPrivacy && fake.OfViewers is { } rule)
            {
                Sender.Tell(new PrivacyIs(rule));
                return;
            }

            fake._received.Enqueue(message);
            if (fake.Answer(message) is { } answer)
            {
                Sender.Tell(answer);
            }
        }
    }
}

/// <summary>One adapter for the specs of a class, which run one after the other; each begins with what it asks for anew.</summary>
public sealed class HttpFixture : IAsyncLifetime
{
    private HttpApp? _app;

    public ActorSystem System { get; } = ActorSystem.Create("http-specs", "akka.loglevel = OFF\nakka.stdout-loglevel = OFF");

    public async Task InitializeAsync() => _app = await HttpApp.Start(System);

    public async Task DisposeAsync()
    {
        await _app!.DisposeAsync();
        await System.Terminate();
    }

    internal HttpApp Fresh()
    {
        _app!.Reset();
        return _app;
    }
}
