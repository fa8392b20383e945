using Microsoft.Extensions.Time.Testing;
using Presence.Actors;
using Presence.Adapters.WebSocket.Transport;
using Presence.Specs.WebSocket;

namespace Presence.Specs.Limits;

/// <summary>How many frames a client may send that are no message, or not the end of one.</summary>
public sealed class FragmentRateSpecs : SocketSpec
{
    private static readonly byte[] APing = RawSocket.Encode(RawFrame.Ping, []);
    private static readonly byte[] AFragment = RawSocket.Encode(RawFrame.Continuation, [], final: false);
    private static readonly byte[] AMessage = RawSocket.Encode(RawFrame.Text, []);

    private readonly FakeTimeProvider _time = new();

    protected override PresenceOptions Options { get; } = new() { Limits = new() { FragmentsPerMinute = 10 } };

    [Fact]
    public void So_many_a_minute_of_all_kinds_together_and_no_more()
    {
        var check = new FrameCheck(Options.Limits, _time);
        for (var i = 0; i < 5; i++)
        {
            check.See(APing);
            check.See(AFragment);
        }

        check.Verdict.ShouldBe(0);
        _time.Advance(TimeSpan.FromSeconds(6));
        check.See(AFragment);
        check.Verdict.ShouldBe(0);

        check.See(APing);

        check.Verdict.ShouldBe(4429);
    }

    [Fact]
    public void What_comes_in_pieces_counts_once()
    {
        var check = new FrameCheck(Options.Limits, _time);
        for (var i = 0; i < 10; i++)
        {
            foreach (var piece in APing.Chunk(1))
            {
                check.See(piece);
            }
        }

        check.Verdict.ShouldBe(0);
    }

    [Fact]
    public void Messages_are_counted_elsewhere()
    {
        var check = new FrameCheck(Options.Limits, _time);
        for (var i = 0; i < 100; i++)
        {
            check.See(AMessage);
        }

        check.Verdict.ShouldBe(0);
    }

    [Theory]
    [InlineData(RawFrame.Ping, true)]
    [InlineData(RawFrame.Text, false)]
    public async Task A_client_that_sends_more_than_that_is_closed_with_4429(byte opcode, bool final)
    {
        var (client, _) = await WelcomedAsync();
        using var served = client;
        for (var i = 0; i < 11; i++)
        {
            await client.SendAsync(i == 0 || opcode == RawFrame.Ping ? opcode : RawFrame.Continuation, [], final);
        }

        (await client.ReceiveCloseAsync()).ShouldBe(4429);
        await client.EndAsync();
    }
}
