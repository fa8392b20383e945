using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Time.Testing;
using Presence.Actors;
using Presence.Host.Limits;

namespace Presence.Specs.Limits;

/// <summary>What is closed before it has said anything.</summary>
public sealed class ConnectionGateSpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly IPNetwork[] Gateways = [IPNetwork.Parse("10.1.0.0/16")];

    private readonly FakeTimeProvider _time = new();
    private readonly NodeCounters _counters = new();
    private readonly ConnectionGate _gate;
    private readonly TaskCompletionSource _served = new();

    public ConnectionGateSpecs() =>
        _gate = new(new() { HandshakeTimeout = TimeSpan.FromSeconds(8), ConnectionsPerAddress = 2 }, Gateways, _counters, _time);

    public void Dispose() => _counters.Dispose();

    [Fact]
    public async Task A_connection_that_says_nothing_is_closed_when_its_time_is_over()
    {
        var (connection, _) = Connection("192.0.2.1");
        var serving = _gate.ServeAsync(connection, Next);
        _time.Advance(TimeSpan.FromSeconds(8) - TimeSpan.FromMilliseconds(1));
        serving.IsCompleted.ShouldBeFalse();

        _time.Advance(TimeSpan.FromMilliseconds(1));

        await serving.WaitAsync(Patience);
        _served.Task.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task One_that_says_something_is_served_and_what_it_said_is_still_to_be_read()
    {
        var (connection, client) = Connection("192.0.2.1");
        var serving = _gate.ServeAsync(
            connection,
            async served =>
            {
                var read = await served.Transport.Input.ReadAsync();
                read.Buffer.FirstSpan.SequenceEqual("G"u8).ShouldBeTrue();
                served.Transport.Input.AdvanceTo(read.Buffer.End);
                _served.SetResult();
            }
        );

        await client.Output.WriteAsync("G"u8.ToArray());

        await _served.Task.WaitAsync(Patience);
        await serving.WaitAsync(Patience);
        _time.Advance(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task One_that_ends_without_a_word_is_over()
    {
        var (connection, client) = Connection("192.0.2.1");
        await client.Output.CompleteAsync();

        await _gate.ServeAsync(connection, Next).WaitAsync(Patience);

        _served.Task.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task An_address_may_have_so_many_and_no_more_until_one_is_gone()
    {
        var (first, client) = Connection("192.0.2.1");
        var serving = _gate.ServeAsync(first, Next);
        _ = _gate.ServeAsync(Connection("192.0.2.1").Server, Next);

        _gate.ServeAsync(Connection("192.0.2.1").Server, Next).IsCompleted.ShouldBeTrue();
        _gate.ServeAsync(Connection("192.0.2.2").Server, Next).IsCompleted.ShouldBeFalse();

        await client.Output.CompleteAsync();
        await serving.WaitAsync(Patience);
        _gate.ServeAsync(Connection("192.0.2.1").Server, Next).IsCompleted.ShouldBeFalse();
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", false)]
    [InlineData("192.0.2.1", "192.0.2.2", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", false)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", true)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("::1", "::1", true)]
    [InlineData("10.1.2.3", "10.1.2.3", true)]
    [InlineData("10.2.0.1", "10.2.0.1", false)]
    public void Beside_one_of_this_address_there_is_room_for(string one, string other, bool isRoom)
    {
        var places = new AddressPlaces(limit: 1, Gateways);
        places.TryTake(IPAddress.Parse(one)).ShouldBeTrue();

        places.TryTake(IPAddress.Parse(other)).ShouldBe(isRoom);
    }

    private Task Next(ConnectionContext connection)
    {
        _served.TrySetResult();
        return Task.CompletedTask;
    }

    private static (ConnectionContext Server, IDuplexPipe Client) Connection(string address)
    {
        var (toServer, toClient) = (new Pipe(), new Pipe());
        var client = new Duplex(toClient.Reader, toServer.Writer);
        var server = new DefaultConnectionContext("id", new Duplex(toServer.Reader, toClient.Writer), client)
        {
            RemoteEndPoint = new IPEndPoint(IPAddress.Parse(address), 50_000),
        };
        return (server, client);
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
