using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Reflection;

namespace Presence.Actors;

/// <summary>What a node counts: gauges that its entities move, and the meter by which they, and the hub's figures, are exported.</summary>
public sealed class NodeCounters : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Presence";

    /// <summary>A millisecond to half a minute.</summary>
    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private readonly Meter _meter = new(MeterName);
    private readonly ConcurrentDictionary<string, long> _refused = new(StringComparer.Ordinal);
    private readonly Counter<long> _limited;
    private long _usersOnline;
    private long _devices;
    private long _connections;
    private long _conversations;

    /// <summary>Makes the instruments.</summary>
    public NodeCounters()
    {
        _meter.CreateObservableGauge(
            "presence.users.online",
            () => UsersOnline,
            "{user}",
            "Users with a device connected or in grace, whose entity is on this node"
        );
        _meter.CreateObservableGauge(
            "presence.devices",
            () => Devices,
            "{device}",
            "Devices connected or in grace, whose entity is on this node"
        );
        _meter.CreateObservableGauge("presence.connections", () => Connections, "{connection}", "Sockets on this node");
        _meter.CreateObservableGauge(
            "presence.conversations",
            () => Conversations,
            "{conversation}",
            "Conversations in which somebody types, or that were asked for just now, whose entity is on this node"
        );
        Connects = _meter.CreateCounter<long>("presence.connects", "{connection}", "Sockets opened");
        Disconnects = _meter.CreateCounter<long>("presence.disconnects", "{connection}", "Sockets ended, by reason");
        Pushes = _meter.CreateCounter<long>("presence.pushes", "{frame}", "Pushes handed to sockets, by kind");
        _meter.CreateObservableGauge(
            "presence.hub.queue.age",
            () => QueueAge.TotalSeconds,
            "s",
            "How long the last message measured waited in the hub's mailbox"
        );
        Refused = _meter.CreateCounter<long>(
            "presence.handshakes.refused",
            "{handshake}",
            "Sockets and streams that were refused, by cause"
        );
        Faults = _meter.CreateCounter<long>(
            "presence.connection.faults",
            "{fault}",
            "What went wrong in serving a connection, and is no lost one"
        );
        PushDuration = _meter.CreateHistogram(
            "presence.push.duration",
            "s",
            "From the frame that changes a presence, as its hub takes it, to the pushes of this node",
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds }
        );
        _meter.CreateObservableGauge(
            "presence.build.info",
            () => new Measurement<int>(1, new KeyValuePair<string, object?>("version", Version)),
            description: "1, with the version of the build"
        );
        HandOver = _meter.CreateHistogram(
            "presence.handover.duration",
            "s",
            "From a watched entity's end until another one has answered",
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds }
        );
        Resubscriptions = _meter.CreateCounter<long>(
            "presence.resubscriptions",
            "{user}",
            "Entities asked anew, since they ended or a message was lost"
        );
        RefusedEpochs = _meter.CreateCounter<long>(
            "presence.epochs.refused",
            "{message}",
            "Messages refused, since who told them was replaced"
        );
        DeadLetters = _meter.CreateCounter<long>("presence.dead_letters", "{message}", "Messages that reached nobody");
        Oversized = _meter.CreateCounter<long>(
            "presence.messages.oversized",
            "{message}",
            "Messages between nodes that were too large to be sent"
        );
        ProfileRecoveries = _meter.CreateCounter<long>(
            "presence.profile.recoveries",
            "{journal}",
            "Profiles read from the journal, their projection being behind"
        );
        UnavailableWrites = _meter.CreateCounter<long>("presence.writes.unavailable", "{command}", "Durable commands answered unavailable");
        _meter.CreateObservableGauge(
            "presence.writes.failing",
            () => WritesFail() ? 1 : 0,
            "{node}",
            "1 while the latest write to the store has failed"
        );
        EventsDropped = _meter.CreateCounter<long>(
            "presence.events.dropped",
            "{event}",
            "Events that went because their user had too many waiting"
        );
        _limited = _meter.CreateCounter<long>("presence.limited", "{refusal}", "What went over a limit, by the limit's name");
    }

    /// <summary>Users with a device connected or in grace.</summary>
    public long UsersOnline => Interlocked.Read(ref _usersOnline);

    /// <summary>Devices connected or in grace.</summary>
    public long Devices => Interlocked.Read(ref _devices);

    /// <summary>Sockets.</summary>
    public long Connections => Interlocked.Read(ref _connections);

    /// <summary>Conversations that have an entity.</summary>
    public long Conversations => Interlocked.Read(ref _conversations);

    /// <summary>Sockets opened.</summary>
    public Counter<long> Connects { get; }

    /// <summary>Sockets ended; label <c>reason</c>.</summary>
    public Counter<long> Disconnects { get; }

    /// <summary>The version of this build, as its assembly says.</summary>
    public static string Version { get; } =
        typeof(NodeCounters).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Pushes handed to sockets; label <c>kind</c>.</summary>
    public Counter<long> Pushes { get; }

    /// <summary>Sockets and streams that were refused; label <c>cause</c>.</summary>
    public Counter<long> Refused { get; }

    /// <summary>The same since the start, by cause.</summary>
    public IReadOnlyDictionary<string, long> RefusedByCause => _refused;

    /// <summary>Programming errors that were met in serving a connection.</summary>
    public Counter<long> Faults { get; }

    /// <summary>From the frame that changes a presence, as its hub takes it, to the pushes of this node, in seconds.</summary>
    public Histogram<double> PushDuration { get; }

    /// <summary>From a watched entity's end until another one has answered, in seconds.</summary>
    public Histogram<double> HandOver { get; }

    /// <summary>Entities asked anew.</summary>
    public Counter<long> Resubscriptions { get; }

    /// <summary>Messages refused, since who told them was replaced.</summary>
    public Counter<long> RefusedEpochs { get; }

    /// <summary>Messages that reached nobody.</summary>
    public Counter<long> DeadLetters { get; }

    /// <summary>Messages between nodes that were too large to be sent.</summary>
    public Counter<long> Oversized { get; }

    /// <summary>Journals read to the end.</summary>
    public Counter<long> ProfileRecoveries { get; }

    /// <summary>How long the last message measured waited in the hub's mailbox. Written by the hub alone.</summary>
    public TimeSpan QueueAge { get; internal set; }

    /// <summary>Durable commands answered <c>unavailable</c>.</summary>
    public Counter<long> UnavailableWrites { get; }

    /// <summary>Whether the latest write to the store has failed; the store says so.</summary>
    public Func<bool> WritesFail { get; set; } = () => false;

    /// <summary>Events of users who had too many waiting, the oldest, that went before they were acknowledged.</summary>
    public Counter<long> EventsDropped { get; }

    /// <summary>Something went over a limit.</summary>
    /// <param name="limit">The name of the option in <see cref="LimitOptions"/> that says how much.</param>
    public void AddLimited(string limit) => _limited.Add(1, new KeyValuePair<string, object?>("limit", limit));

    /// <summary>A push was handed to a socket.</summary>
    /// <param name="kind"><c>presence</c>, <c>typing</c> or <c>event</c>.</param>
    public void AddPush(string kind) => Pushes.Add(1, new KeyValuePair<string, object?>("kind", kind));

    /// <summary>A socket or a stream was refused.</summary>
    /// <param name="cause">An error code, or another word of a fixed list.</param>
    public void AddRefused(string cause)
    {
        _refused.AddOrUpdate(cause, 1, static (_, many) => many + 1);
        Refused.Add(1, new KeyValuePair<string, object?>("cause", cause));
    }

    /// <summary>
    /// Shows all counters whose labels are known, at zero. Prometheus sees a growth between two scrapes only: of a counter that appears with its first
    /// fault, that fault is never seen. To be called once somebody listens, for until then nothing is kept.
    /// </summary>
    public void BeginAtZero()
    {
        foreach (
            var counter in new[]
            {
                Connects,
                Faults,
                Resubscriptions,
                RefusedEpochs,
                DeadLetters,
                Oversized,
                ProfileRecoveries,
                UnavailableWrites,
                EventsDropped,
            }
        )
        {
            counter.Add(0);
        }

        foreach (var kind in new[] { "presence", "typing", "event" })
        {
            Pushes.Add(0, new KeyValuePair<string, object?>("kind", kind));
        }
    }

    /// <summary>A user came online, or went.</summary>
    public void AddUsersOnline(int by) => Interlocked.Add(ref _usersOnline, by);

    /// <summary>Devices came, or went.</summary>
    public void AddDevices(int by) => Interlocked.Add(ref _devices, by);

    /// <summary>Sockets came, or went.</summary>
    public void AddConnections(int by) => Interlocked.Add(ref _connections, by);

    /// <summary>Conversations' entities came, or went.</summary>
    /// <returns>How many there are now.</returns>
    public long AddConversations(int by) => Interlocked.Add(ref _conversations, by);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
