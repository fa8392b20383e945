using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Presence.Benchmarks.Faults;
using Presence.Benchmarks.Faults.Crowds;
using Presence.Benchmarks.Wire;

namespace Presence.Benchmarks.Siege;

/// <summary>The real service while thousands of connections take places and do nothing with them: when each is closed, and how long new clients need to come in meanwhile.</summary>
/// <remarks>Prints figures, and judges none.</remarks>
internal sealed class SiegeRun(FaultArguments arguments)
{
    private readonly StringBuilder _table = new();

    /// <summary>Runs it: <c>handshakes=2000 sockets=2000 within=2 heartbeat=1 timeout=4 seconds=20 clients=100</c>, which are the defaults.</summary>
    /// <remarks>They come within so many seconds. A silent socket is a client like any other until the heartbeat timeout (in seconds, as the heartbeat); then it is told 4408, and cut off 5 s later if it does not answer. Clients are a second.</remarks>
    public static async Task<int> Run(string[] args)
    {
        var folder = Directory.CreateTempSubdirectory("presence-siege-");
        try
        {
            await new SiegeRun(new FaultArguments(args)).Run(Path.Combine(folder.FullName, "presence.db"));
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task Run(string database)
    {
        var (handshakes, sockets) = (arguments.Number("handshakes", 2_000), arguments.Number("sockets", 2_000));
        var (heartbeat, timeout) = (arguments.Seconds("heartbeat", 1), arguments.Seconds("timeout", 4));
        var (length, within) = (arguments.Seconds("seconds", 20), arguments.Seconds("within", 2));
        var clients = arguments.Number("clients", 100);
        await using var host = await HostProcess.Start(
            database,
            $"Presence__HeartbeatInterval={heartbeat:c}",
            $"Presence__HeartbeatTimeout={timeout:c}"
        );
        var server = new IPEndPoint(IPAddress.Loopback, host.Address.Port);
        // Until what they run through is compiled, they would tell of that.
        await Newcomers(server, TimeSpan.FromSeconds(10), clients);
        Row("new clients, to first frame, before: median / p99 / most", await Newcomers(server, TimeSpan.FromSeconds(5), clients));

        var besiegers = Besiegers(handshakes, sockets);
        using var over = new CancellationTokenSource();
        var before = host.Usage();
        var attacks = besiegers.Select((besieger, number) => besieger.Run(server, within * number / besiegers.Count, over.Token)).ToList();
        Row("the same while the besiegers come", await Newcomers(server, within, clients));
        Row("the same while they stay", await Newcomers(server, length - within, clients));
        var after = host.Usage();
        foreach (var kind in Enum.GetValues<Attack>())
        {
            Tell(kind, [.. besiegers.Where(besieger => besieger.Kind == kind)]);
        }

        Row("server processor time under siege", $"{after.CpuSeconds - before.CpuSeconds:F1} s in {length.TotalSeconds:F0} s");
        Row("server memory before / after", $"{before.ResidentBytes >> 20} / {after.ResidentBytes >> 20} MiB");
        await over.CancelAsync();
        await Task.WhenAll(attacks);
        besiegers.ForEach(besieger => besieger.Dispose());
        Console.Write(_table);
        foreach (var name in arguments.Unknown)
        {
            Console.WriteLine($"{name}= is no argument of this run");
        }
    }

    /// <summary>All kinds of them, in turns.</summary>
    private static List<Besieger> Besiegers(int handshakes, int sockets) =>
        [
            .. Enumerable
                .Range(0, handshakes + sockets)
                .Select(number => new Besieger(
                        // Evenly among the others.
                        (long)(number + 1) * sockets / (handshakes + sockets)
                        > (long)number * sockets / (handshakes + sockets)
                            ? Attack.SilentSocket
                        : number % 4 < 2 ? Attack.Silent
                        : Attack.ByteByByte,
                    number
                )),
        ];

    /// <summary>New clients, so many a second, each of whom leaves when it has its first frame.</summary>
    private static async Task<string> Newcomers(IPEndPoint server, TimeSpan length, int aSecond)
    {
        var (delays, failed) = (new Delays(), 0);
        var coming = new List<Task>();
        var clock = Stopwatch.StartNew();
        for (var number = 0; clock.Elapsed < length; number++)
        {
            coming.Add(Come(number));
            var due = TimeSpan.FromSeconds((number + 1.0) / aSecond) - clock.Elapsed;
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due);
            }
        }

        await Task.WhenAll(coming);
        return $"{delays}, {failed} turned away";

        async Task Come(int number)
        {
            using var socket = new BareWebSocket();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var start = Stopwatch.GetTimestamp();
            try
            {
                await socket.Connect(server, "/ws?snapshot=none", $"X-User-ID: newcomer-{number}\r\nX-Device-ID: one\r\n", limit.Token);
                var reading = socket.Read(_ => first.TrySetResult());
                await first.Task.WaitAsync(limit.Token);
                delays.Add(Stopwatch.GetElapsedTime(start));
                await socket.Close();
                await reading;
            }
            catch (Exception refused) when (refused is IOException or System.Net.Sockets.SocketException or OperationCanceledException)
            {
                Interlocked.Increment(ref failed);
            }
        }
    }

    private void Tell(Attack kind, IReadOnlyCollection<Besieger> besiegers)
    {
        var closed = besiegers.Select(besieger => besieger.ClosedAfter).OfType<TimeSpan>().Order().ToList();
        Row(
            $"{kind}: connected, closed, first / last closed after",
            closed.Count == 0
                ? $"{besiegers.Count(besieger => besieger.Connected)}, 0"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{besiegers.Count(besieger => besieger.Connected)}, {closed.Count}, {closed[0].TotalSeconds:F1} / {closed[^1].TotalSeconds:F1} s"
                )
        );
    }

    private void Row(string what, string value) => _table.AppendLine(CultureInfo.InvariantCulture, $"  {what, -66} {value}");
}
