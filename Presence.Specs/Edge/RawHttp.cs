using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Presence.Specs.Edge;

/// <summary>Sends bytes as they stand, for no client library would, and reads what comes back.</summary>
internal static class RawHttp
{
    // Only for what is left open without an answer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>What came until the end, or until somebody is named: a stream goes on for ever.</summary>
    /// <param name="server">Where; TLS where it is https, and then as chat.example.</param>
    /// <param name="request">Characters up to U+00FF are one byte each.</param>
    /// <param name="isOne">Whether one answer is all there can be; else it is waited for further ones.</param>
    public static async Task<string> Send(Uri server, string request, bool isOne = true)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(server.Host, server.Port);
        await using var stream = await Secured(client.GetStream(), server.Scheme == "https");
        using var patience = new CancellationTokenSource(Patience);
        var answer = new StringBuilder();
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(request), patience.Token);
            var buffer = new byte[8192];
            int read;
            while ((read = await stream.ReadAsync(buffer, patience.Token)) > 0)
            {
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
                if (Names(answer.ToString()) || (isOne && IsWhole(answer.ToString())))
                {
                    break;
                }
            }
        }
        catch (Exception end) when (end is IOException or OperationCanceledException)
        {
            // Cut off, or held open: what came is what there is.
        }

        return answer.ToString();
    }

    /// <summary>The status of the first answer; 0 where none came.</summary>
    public static int StatusOf(string answer) =>
        answer.StartsWith("HTTP/1.", StringComparison.Ordinal) && answer.Length > 12
            ? int.Parse(answer.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture)
            : 0;

    private static bool IsWhole(string answer)
    {
        const string length = "content-length: ";
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var at = end < 0 ? -1 : answer.IndexOf(length, 0, end, StringComparison.OrdinalIgnoreCase);
        return at >= 0
            && answer.Length - end - 4
                >= int.Parse(
                    answer.AsSpan(at + length.Length).ToString().Split('\r')[0],
                    System.Globalization.CultureInfo.InvariantCulture
                );
    }

    private static bool Names(string answer) =>
        answer.IndexOf("\"user_id\":\"", StringComparison.Ordinal) is >= 0 and var at && answer.IndexOf('"', at + 11) > 0;

    private static async Task<Stream> Secured(NetworkStream stream, bool isSecure)
    {
        if (!isSecure)
        {
            return stream;
        }

        var secure = new SslStream(stream, leaveInnerStreamOpen: false, (_, _, _, _) => true);
        await secure.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "chat.example", EnabledSslProtocols = SslProtocols.None }
        );
        return secure;
    }
}
