using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Presence.Actors.Users;
using Presence.Benchmarks.Faults;
using Presence.Host;

namespace Presence.Benchmarks.Privacy;

/// <summary>What a run came to.</summary>
/// <param name="Judged">How many things that viewers were given were judged.</param>
/// <param name="Faults">What was wrong; empty where nothing was.</param>
/// <param name="Report">For people.</param>
internal sealed record PrivacyOutcome(long Judged, IReadOnlyList<string> Faults, string Report);

/// <summary>The real service in this process, on a port of its own and a SQLite file, some people who do anything at random, and an oracle that judges every presence and every typing that anybody is given on any channel.</summary>
internal sealed class PrivacyRun
{
    private static readonly string[] Statuses = ["online", "away", "busy", "invisible", "offline", "invisible"];
    private static readonly string[] Visibilities = ["everyone", "contacts", "nobody"];
    private static readonly bool?[] Choices = [null, true, false];

    private readonly Random _random;
    private readonly Oracle _oracle = new();
    private readonly People _people;
    private int _texts;

    private PrivacyRun(int seed, People people, Oracle oracle) => (_random, _people, _oracle) = (new(seed), people, oracle);

    private static readonly Dictionary<string, Func<Delivered, Delivered>> Plants = new(StringComparer.Ordinal)
    {
        // As it was: the record of somebody offline says when the person went, to one who may not see last seen.
        ["updated_at"] = given => IsWithoutTime(given) ? given with { UpdatedAt = "2026-01-01T00:00:00.123456Z" } : given,
        ["version"] = given => IsWithoutTime(given) ? given with { Version = given.Version - 60_000_000 } : given,
        // As it was: an invisible user's version was taken a moment before its time.
        ["another_clock"] = given =>
            given is { Version: > 0, IsNothing: false, Status: "offline" } ? given with { Version = given.Version - 7 } : given,
    };

    /// <summary>Runs until that much is judged; the exit code. Arguments, all optional: <c>judged=1000000 seed=1 people=16</c>, and <c>plant=updated_at</c> (or <c>version</c>, <c>another_clock</c>) for a fault made on purpose, which is to be found.</summary>
    public static async Task<int> Run(string[] args)
    {
        var arguments = new FaultArguments(args);
        var (judged, seed, people) = (
            arguments.Number("judged", 1_000_000),
            arguments.Number("seed", Environment.TickCount & 0xFFFFFF),
            arguments.Number("people", 16)
        );
        var plant = arguments.Text("plant");
        if (arguments.Unknown.FirstOrDefault() is { } unknown)
        {
            await Console.Error.WriteLineAsync($"'{unknown}' is nothing to set: write judged=1000000 seed=1 people=16");
            return 2;
        }

        var outcome = await Run(judged, seed, people, Console.WriteLine, plant);
        return outcome.Faults.Count == 0 ? 0 : 1;
    }

    /// <summary>Runs until that much is judged.</summary>
    public static async Task<PrivacyOutcome> Run(long judged, int seed, int people, Action<string> say, string? plant = null)
    {
        say($"SEED={seed}");
        var folder = Directory.CreateTempSubdirectory("presence-privacy-");
        try
        {
            await using var app = await Start(Path.Combine(folder.FullName, "presence.db"));
            var oracle = new Oracle(plant is null ? null : Plants[plant]);
            await using var crowd = new People(oracle, new Uri(app.Urls.First()), user => Stop(app, user), people);
            var clock = Stopwatch.StartNew();
            try
            {
                await new PrivacyRun(seed, crowd, oracle).Run(judged, say);
            }
            catch (Exception broken) when (broken is TimeoutException or InvalidOperationException or IOException or HttpRequestException)
            {
                oracle.Fail(broken.Message);
            }

            var report = Report(oracle, clock.Elapsed);
            say(report);
            return new(oracle.Count, oracle.Faults, $"SEED={seed}\n{report}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static bool IsWithoutTime(Delivered given) => given is { Version: > 0, UpdatedAt: "1970-01-01T00:00:00Z" };

    private static async Task<WebApplication> Start(string database)
    {
        var app = await PresenceServer.Build([
            "--Urls=http://127.0.0.1:0",
            $"--Presence:Storage:ConnectionString=Data Source={database}",
            "--Presence:OfflineGrace=00:00:00.300",
            "--Presence:TypingTtl=00:30:00",
            "--Presence:HeartbeatInterval=01:00:00",
            "--Presence:HeartbeatTimeout=03:00:00",
            // Each of them does more in a second than a person may.
            "--Presence:Limits:ChangesBurst=1000000",
            "--Logging:LogLevel:Default=None",
            "--Logging:LogLevel:Akka=None",
        ]);
        await app.StartAsync();
        return app;
    }

    /// <summary>As it asks for itself when it has been idle: what comes meanwhile waits for the next one.</summary>
    private static async Task Stop(WebApplication app, string user)
    {
        var system = app.Services.GetRequiredService<ActorSystem>();
        try
        {
            var entity = await system.ActorSelection($"/system/sharding/user/*/{user}").ResolveOne(TimeSpan.FromSeconds(5));
            system.ActorSelection(entity.Path.Parent).Tell(new Passivate(StopUser.Instance), entity);
        }
        catch (ActorNotFoundException)
        {
            // It has none now.
        }
    }

    private static string Report(Oracle oracle, TimeSpan took) =>
        string.Join(
            '\n',
            [
                .. oracle.Counts.Select(count => string.Create(CultureInfo.InvariantCulture, $"  {count.Key, -24} {count.Value, 10:N0}")),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"judged {oracle.Count:N0} in {took.TotalSeconds:0} s, violations: {oracle.FaultCount}"
                ),
                .. oracle.Faults,
            ]
        );

    private async Task Run(long judged, Action<string> say)
    {
        await _people.Begin(listeners: 3);
        foreach (var user in _people.Names)
        {
            await _people.Connect(user, "web");
        }

        var told = 0L;
        while (_oracle.Count < judged && _oracle.FaultCount == 0)
        {
            await Round();
            if (_oracle.Count / 100_000 > told)
            {
                told = _oracle.Count / 100_000;
                say(string.Create(CultureInfo.InvariantCulture, $"{_oracle.Count:N0} judged"));
            }
        }
    }

    /// <summary>Some things at once, while some read; then, when all have heard, everything is as it is to be.</summary>
    private async Task Round()
    {
        for (var group = _random.Next(1, 5); group > 0; group--)
        {
            var who = _people.Names.OrderBy(_ => _random.Next()).Take(6).ToList();
            // Not two things to one person at once: which comes first would be nobody's to know.
            var things = Enumerable.Range(0, _random.Next(1, 4)).Select(i => Something(who[2 * i], who[(2 * i) + 1])).ToList();
            var reads = Enumerable.Range(0, 2).Select(_ => Look()).ToList();
            await Task.WhenAll(things.Concat(reads));
        }

        await _people.AllHear();
        _people.CheckHeld();
        await _people.ReadAll();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _people.Read(Somebody(), Somebody())));
        await _people.ReadTyping(Somebody(), atRest: true);
    }

    private Task Something(string user, string other)
    {
        var sockets = _people.SocketsOf(user);
        var socket = sockets.Count == 0 ? null : sockets[_random.Next(sockets.Count)];
        return (_random.Next(100), socket) switch
        {
            (< 22, _) => Choose(user),
            (< 38, _) => _people.Choose(user, ARule()),
            (< 46, _) => _people.Choose(user, Block(user, other)),
            (< 56, _) => _people.Pair(user, other, !_oracle.AreContacts(user, other)),
            (< 62, _) when sockets.Count < 3 => _people.Connect(user, _random.Next(2) == 0 ? "web" : "mobile"),
            (< 68, { } one) => _people.Disconnect(one),
            (< 74, { } one) => _people.Beat(one, _random.Next(2) == 0),
            (< 80, { } one) => People.Subscribe(one, [other, Somebody()], subscribe: _random.Next(3) > 0),
            (< 88, _) => _people.Type(user, _random.Next(4) > 0),
            (< 93, { } one) => _people.ComeBack(one),
            (< 94, _) => _people.Move(user),
            (< 96, _) => _people.Erase(user),
            _ => Choose(user),
        };
    }

    private Task Look() =>
        _random.Next(4) switch
        {
            0 => _people.ReadBulk(Somebody()),
            1 => _people.ReadTyping(Somebody(), atRest: false),
            _ => _people.Read(Somebody(), Somebody()),
        };

    private Task Choose(string user)
    {
        var status = _random.Next(3) == 0 ? null : Statuses[_random.Next(Statuses.Length)];
        var text =
            _random.Next(2) == 0 ? null
            : _random.Next(5) == 0 ? ""
            : $"text {++_texts}";
        var activity =
            _random.Next(2) == 0 ? null
            : _random.Next(5) == 0 ? ""
            : $"activity_{_random.Next(5)}";
        var expiresAt = _random.Next(4) == 0 ? $"2030-01-01T00:00:{_random.Next(10, 60)}Z" : null;
        status = status is null && text is null && activity is null ? "busy" : status;
        return _people.Choose(user, status, text, activity, expiresAt, bySocket: _random.Next(2) == 0);
    }

    private Rule ARule() =>
        new(
            Visibilities[_random.Next(3)],
            Visibilities[_random.Next(3)],
            _random.Next(4) > 0,
            [.. Enumerable.Range(0, _random.Next(3)).Select(_ => Somebody())],
            Enumerable
                .Range(0, _random.Next(3))
                .Select(_ => Somebody())
                .Distinct(StringComparer.Ordinal)
                .ToImmutableDictionary(
                    viewer => viewer,
                    _ => new Exemption(Choices[_random.Next(3)], Choices[_random.Next(3)], Choices[_random.Next(3)]),
                    StringComparer.Ordinal
                )
        );

    private Rule Block(string user, string other)
    {
        var rule = _oracle.Now(user).Rule;
        return rule with { Blocked = rule.Blocked.Contains(other) ? rule.Blocked.Remove(other) : rule.Blocked.Add(other) };
    }

    private string Somebody() => _people.Names[_random.Next(_people.Names.Count)];
}
