using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Presence.Specs.Hostile;

/// <summary>The bytes of a request, or of what somebody takes for one, and what is answered.</summary>
/// <param name="Name">What is wrong with it.</param>
/// <param name="Status">The status of the answer; 0: none need come, the connection is closed.</param>
/// <param name="Code">The code of the problem; null: the web server answers by itself, or nothing is wrong.</param>
/// <param name="Request">The bytes; the connection is half closed after them if <paramref name="BreaksOff"/>.</param>
/// <param name="BreaksOff">Whether the client goes away in the middle.</param>
/// <param name="Contains">What the answer must contain too.</param>
internal sealed partial record HttpCase(string Name, int Status, string? Code, byte[] Request, bool BreaksOff = false, string Contains = "")
{
    /// <summary>Near the end of the first frame.</summary>
    private const string EndOfAck = "malformed_frames";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Sends it over a connection of its own, and holds the answer against what it should be: one answer, and then the end.</summary>
    public async Task Check(Uri server)
    {
        var answer = await Send(server);
        if (Status == 0)
        {
            answer.ShouldBeEmpty(Name);
            return;
        }

        StatusLine().Count(answer).ShouldBe(1, $"{Name}:\n{answer}");
        answer.ShouldStartWith(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {Status} "), Case.Sensitive, Name);
        answer.ShouldContain(Code is null ? "" : $"\"code\":\"{Code}\"", Case.Sensitive, Name);
        answer.ShouldContain(Contains, Case.Sensitive, Name);
        answer.ShouldNotContain("Sec-WebSocket-Extensions", Case.Insensitive, Name);
        (Code is not null).ShouldBe(answer.Contains("application/problem+json", StringComparison.Ordinal), Name);
    }

    public override string ToString() => Name;

    private async Task<string> Send(Uri server)
    {
        using var tcp = new TcpClient { NoDelay = true };
        using var patience = new CancellationTokenSource(Patience);
        await tcp.ConnectAsync(server.Host, server.Port, patience.Token);
        var stream = tcp.GetStream();
        try
        {
            await stream.WriteAsync(Request, patience.Token);
            if (BreaksOff)
            {
                tcp.Client.Shutdown(SocketShutdown.Send);
            }
        }
        catch (IOException)
        {
            // The server need not take all of it; the answer is still to be read.
        }

        return await Read(stream, patience.Token);
    }

    /// <summary>What comes until the server closes; where it answers an upgrade, what comes with that.</summary>
    private async Task<string> Read(NetworkStream stream, CancellationToken patience)
    {
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            int count;
            while ((count = await stream.ReadAsync(buffer, patience)) > 0)
            {
                answer.Append(Encoding.UTF8.GetString(buffer, 0, count));
                if (Status == 101 && answer.ToString().Contains(EndOfAck, StringComparison.Ordinal))
                {
                    break;
                }
            }
        }
        catch (IOException) when (answer.Length > 0 || Status == 0)
        {
            // What the server did not take of the request resets the connection; the answer came before.
        }

        return answer.ToString();
    }

    [GeneratedRegex(@"HTTP/1\.[01] [0-9]{3} ")]
    private static partial Regex StatusLine();
}
