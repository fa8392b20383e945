using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

namespace Presence.Benchmarks.Smoke;

/// <summary>The real service under 2,000 users with 20 contacts each: imports them, connects them all, has each change its status, and counts what reaches whom.</summary>
/// <remarks>Ends with 0 when nothing was lost, doubled, out of order or refused, and all were connected within <see cref="ConnectGoal"/>.</remarks>
internal sealed class SmokeRun : IDisposable
{
    private static readonly TimeSpan ConnectGoal = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Upgrades that are under way at once: more only wait in the kernel, where a full backlog costs a second each.</summary>
    private const int ConnectsAtOnce = 200;

    /// <summary>Changes that are sent and not yet answered.</summary>
    private const int ChangesAtOnce = 100;

    private readonly ContactRing _ring;
    private readonly Scoreboard _board;
    private readonly SmokeClient[] _clients;
    private readonly int _changesASecond;
    private readonly StringBuilder _table = new();
    private readonly List<string> _failures = [];

    private SmokeRun(int users, int contacts, int seed, int changesASecond)
    {
        _ring = new ContactRing(users, contacts, seed);
        _board = new Scoreboard(users, contacts);
        _clients = [.. Enumerable.Range(0, users).Select(user => new SmokeClient(user, _ring, _board))];
        _changesASecond = changesASecond;
    }

    /// <summary>Runs it; the exit code. Arguments, all optional: <c>users=2000 contacts=20 rate=200 seed=…</c></summary>
    public static async Task<int> Run(string[] args)
    {
        int Argument(string name, int otherwise) =>
            args.FirstOrDefault(arg => arg.StartsWith(name + "=", StringComparison.Ordinal)) is { } given
                ? int.Parse(given[(name.Length + 1)..], CultureInfo.InvariantCulture)
                : otherwise;
        var seed = Argument("seed", Random.Shared.Next());
        using var run = new SmokeRun(Argument("users", 2_000), Argument("contacts", 20), seed, Argument("rate", 200));
        Console.WriteLine(
            $"{run._ring.Users} users with {run._ring.Contacts} contacts each, seed={seed}, {Environment.ProcessorCount} processors for server and clients"
        );
        var folder = Directory.CreateTempSubdirectory("presence-smoke-");
        try
        {
            return await run.Run(Path.Combine(folder.FullName, "presence.db"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<int> Run(string database)
    {
        await using var host = await HostProcess.Start(database);
        await Import(host);
        await Connect(host);
        await Change(host, "changes", _changesASecond);
        await Change(host, $"changes, {ChangesAtOnce} at a time", int.MaxValue);
        await Leave(host);
        await Stop(host);
        Check(
            _board.Clean,
            $"doubled {_board.Doubled}, out of order {_board.OutOfOrder}, unexpected {_board.Unexpected}, refused {_board.Refused}, closed {_board.Closed}"
        );
        Row(
            "doubled, out of order, unexpected, refused, closed",
            $"{_board.Doubled}, {_board.OutOfOrder}, {_board.Unexpected}, {_board.Refused}, {_board.Closed}"
        );
        Console.Write(_table);
        _failures.ForEach(failure => Console.WriteLine($"FAILED: {failure}"));
        Console.WriteLine(_failures.Count == 0 ? "smoke passed" : "smoke failed");
        return _failures.Count == 0 ? 0 : 1;
    }

    private async Task Import(HostProcess host)
    {
        using var http = new HttpClient { BaseAddress = host.Address };
        using var content = new StringContent(_ring.Lines(), Encoding.UTF8, "application/x-ndjson");
        var clock = Stopwatch.StartNew();
        using var response = await http.PostAsync(new Uri("/import", UriKind.Relative), content);
        var elapsed = clock.Elapsed.TotalSeconds;
        var answer = await response.Content.ReadAsStringAsync();
        Check(
            response.IsSuccessStatusCode && answer.Contains($"\"users\":{_ring.Users}", StringComparison.Ordinal),
            $"the import answered {answer}"
        );
        Row("import", $"{_ring.Pairs:N0} contact pairs in {elapsed:F2} s, {_ring.Pairs / elapsed:N0} pairs/s");
    }

    private async Task Connect(HostProcess host)
    {
        var before = host.Usage();
        var server = new IPEndPoint(IPAddress.Loopback, host.Address.Port);
        using var limit = new CancellationTokenSource(Limit);
        var clock = Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            _clients,
            new ParallelOptions { MaxDegreeOfParallelism = ConnectsAtOnce, CancellationToken = limit.Token },
            async (client, cancellation) => await client.Connect(server, cancellation)
        );
        var elapsed = clock.Elapsed;
        var known = await Until(() => _clients.All(client => client.NotKnownOnline == 0));
        var after = host.Usage();
        Check(elapsed <= ConnectGoal, $"connecting took {elapsed.TotalSeconds:F1} s, over {ConnectGoal.TotalSeconds:F0} s");
        Check(known, $"{_clients.Sum(client => client.NotKnownOnline)} online contacts were not told of");
        Row("connected, each with its snapshot", $"{elapsed.TotalSeconds:F2} s, {_ring.Users / elapsed.TotalSeconds:N0} a second");
        Row(
            "online contacts known to each at the end",
            $"{_clients.Sum(client => _ring.Contacts - client.NotKnownOnline):N0} of {_ring.Users * _ring.Contacts:N0}"
        );
        Row("server processor time a connect", $"{(after.CpuSeconds - before.CpuSeconds) / _ring.Users * 1e3:F2} ms");
        Row(
            "server memory a connection",
            $"{(after.ResidentBytes - before.ResidentBytes) / 1024.0 / _ring.Users:F1} KiB ({before.ResidentBytes >> 20} MiB before, {after.ResidentBytes >> 20} MiB after)"
        );
    }

    private async Task Change(HostProcess host, string what, int changesASecond)
    {
        await Quiet();
        _board.NextRound();
        var expected = _ring.Users * _ring.Contacts;
        var before = host.Usage();
        var clock = Stopwatch.StartNew();
        for (var user = 0; user < _clients.Length; user++)
        {
            var due = TimeSpan.FromSeconds((double)user / changesASecond) - clock.Elapsed;
            if (due > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(due);
            }

            var sent = user;
            await Until(() => sent - _board.Answered < ChangesAtOnce);

            await _clients[user].ChangeStatus();
        }

        var all = await Until(() => _board.Delivered >= expected && _board.Acknowledged >= _ring.Users);
        var elapsed = clock.Elapsed;
        // What comes twice comes after.
        await Quiet();
        var after = host.Usage();
        Check(
            all && _board.Delivered == expected,
            $"{what}: {_board.Delivered} of {expected} arrived, {_board.Acknowledged} of {_ring.Users} acknowledged"
        );
        Row(
            what,
            $"{_ring.Users / elapsed.TotalSeconds:N0} a second, {_board.Delivered:N0} of {expected:N0} pushes, {_board.Acknowledged:N0} acknowledged"
        );
        Row("  from send to contact, median / p99", $"{_board.Latency(0.5):F1} / {_board.Latency(0.99):F1} ms");
        Row("  server processor time a push", $"{(after.CpuSeconds - before.CpuSeconds) / expected * 1e6:F1} µs");
    }

    private async Task Leave(HostProcess host)
    {
        await Task.WhenAll(_clients.Select(client => client.Leave())).WaitAsync(Limit);
        using var http = new HttpClient { BaseAddress = host.Address };
        var gone = await Until(() =>
            http.GetStringAsync(new Uri("/stats", UriKind.Relative)).Result.Contains("\"connections\":0", StringComparison.Ordinal)
        );
        Check(gone, "connections are counted after all have left");
    }

    private async Task Stop(HostProcess host)
    {
        var clock = Stopwatch.StartNew();
        host.Terminate();
        var code = await host.Exit(TimeSpan.FromSeconds(30));
        Check(code == 0, $"the service ended with {code}: {string.Join(' ', host.Errors)}");
        Row("SIGTERM", $"exit {code} after {clock.Elapsed.TotalSeconds:F1} s");
    }

    /// <summary>Until nothing has been pushed for a while.</summary>
    private async Task Quiet()
    {
        long seen;
        do
        {
            seen = _board.Pushes;
            await Task.Delay(TimeSpan.FromMilliseconds(500));
        } while (_board.Pushes != seen);
    }

    private static async Task<bool> Until(Func<bool> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed > Limit / 4)
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1));
        }

        return true;
    }

    private void Row(string what, string value) => _table.AppendLine(CultureInfo.InvariantCulture, $"  {what, -52} {value}");

    private void Check(bool holds, string failure)
    {
        if (!holds)
        {
            _failures.Add(failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_clients, client => client.Dispose());
}
