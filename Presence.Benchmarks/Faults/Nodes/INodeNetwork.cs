using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Presence.Benchmarks.Faults.Nodes;

/// <summary>Where the nodes live: what each of them is started with, and which of them can hear each other.</summary>
internal interface INodeNetwork : IAsyncDisposable
{
    /// <summary>Why nothing can be cut here; null where it can.</summary>
    string? WhyNoCuts { get; }

    /// <summary>At which address the nodes reach what runs beside the suite.</summary>
    IPAddress Outside { get; }

    /// <summary>What PostgreSQL must listen on beside loopback, as <c>10.0.0.2/24</c>; null for nothing.</summary>
    string? AlsoListen { get; }

    /// <summary>The address of a node, by its number.</summary>
    IPAddress AddressOf(int node);

    /// <summary>A port for a node that nobody else has.</summary>
    int FreePort();

    /// <summary>The command within which a node is started; empty for none.</summary>
    IReadOnlyCollection<string> Within(int node);

    /// <summary>The settings that a node needs to live here.</summary>
    IEnumerable<string> Settings(int node);

    /// <summary>From now on nothing that the one sends reaches the other.</summary>
    Task Cut(int from, int to);

    /// <summary>Undoes a <see cref="Cut"/>.</summary>
    Task Heal(int from, int to);
}

/// <summary>All on 127.0.0.1, in clear text: needs no rights, and knows no partitions.</summary>
internal sealed class LoopbackNetwork(string whyNoCuts) : INodeNetwork
{
    public string? WhyNoCuts => whyNoCuts;

    public IPAddress Outside => IPAddress.Loopback;

    public string? AlsoListen => null;

    public IPAddress AddressOf(int node) => IPAddress.Loopback;

    public int FreePort() => FreePorts.Next();

    public IReadOnlyCollection<string> Within(int node) => [];

    public IEnumerable<string> Settings(int node) => ["Presence__Cluster__AllowClearText=true"];

    public Task Cut(int from, int to) => throw new NotSupportedException(whyNoCuts);

    public Task Heal(int from, int to) => throw new NotSupportedException(whyNoCuts);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>Ports of loopback that a process which starts again finds free: below the ephemeral ones, which the clients use up.</summary>
internal static class FreePorts
{
    private static int s_next = 12_000 + Random.Shared.Next(7_000);

    /// <summary>The next one.</summary>
    public static int Next()
    {
        for (var tries = 0; tries < 1_000; tries++)
        {
            var port = Interlocked.Increment(ref s_next);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }

        throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"no free port up to {s_next}"));
    }
}
