using Akka.Actor;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Presence.Actors;
using Presence.Actors.Hub;
using Presence.Actors.Nodes;
using Presence.Adapters.WebSocket.Connections;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Specs.WebSocket;

/// <summary>A server that stops sends its sockets away at a pace that the others can take.</summary>
public sealed class DrainSpecs : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Lifetime _lifetime = new();
    private readonly NodeStanding _standing = NodeStanding.Unwatched(TimeProvider.System);
    private readonly List<FakeTransport> _sockets = [];
    private readonly LiveConnections _live;

    public DrainSpecs() => _live = new(_lifetime, new PresenceOptions(), _standing, _time);

    [Fact]
    public void Some_hundred_a_second_each_told_its_own_moment_to_come_back()
    {
        Open(1000);
        _standing.IsLeaving.ShouldBeFalse();
        Stop();
        _standing.IsLeaving.ShouldBeTrue();
        Gone.ShouldBeLessThan(50);

        Advance(1);
        Gone.ShouldBeInRange(380, 460);
        Advance(2);
        Gone.ShouldBe(1000);
        _sockets.Select(socket => socket.Sent.ShouldHaveSingleItem()).Distinct().Count().ShouldBeGreaterThan(100);
    }

    [Fact]
    public void However_many_they_are_they_are_gone_in_time()
    {
        Open(9000);
        Stop();
        Advance(10);
        Gone.ShouldBeInRange(5900, 6200);
        Advance(5.1);
        Gone.ShouldBe(9000);
    }

    [Fact]
    public void One_that_comes_while_the_others_wait_is_sent_away_at_once()
    {
        Open(100);
        Stop();
        Open(1);
        _sockets[^1].Closed.Task.IsCompleted.ShouldBeTrue();
        _live.Stopping.ShouldBeTrue();
    }

    public void Dispose()
    {
        _standing.Dispose();
        _lifetime.Dispose();
    }

    private int Gone => _sockets.Count(socket => socket.Closed.Task.IsCompleted);

    private void Open(int count)
    {
        var services = new ConnectionServices(
            ActorRefs.Nobody,
            new(),
            new FakeTimeProvider(),
            new ResumeTokens(new byte[32]),
            new SeenUntil(),
            _standing,
            new NodeCounters()
        );
        for (var i = 0; i < count; i++)
        {
            var socket = new FakeTransport();
            _sockets.Add(socket);
            var request = new ConnectionRequest(new("ana"), new($"d{i}"), DeviceInfo.Empty, SnapshotKind.None, Batches: false, null);
            _ = _live.ServeAsync(new ClientConnection(request, socket, services));
        }
    }

    private void Stop() => WithoutContext(_lifetime.StopApplication);

    private void Advance(double seconds) =>
        WithoutContext(() =>
        {
            for (var step = 0; step < seconds * 20; step++)
            {
                _time.Advance(TimeSpan.FromMilliseconds(50));
            }
        });

    /// <summary>Else what goes on after a wait would go on elsewhere, and the spec could not know when.</summary>
    private static void WithoutContext(Action act)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            act();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private sealed class Lifetime : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _stopping = new();

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => _stopping.Cancel();

        public void Dispose() => _stopping.Dispose();
    }
}
