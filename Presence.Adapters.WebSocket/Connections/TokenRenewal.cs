using Presence.Adapters.WebSocket.Frames;
using Presence.Core.Errors;
using Presence.Core.Identity;

namespace Presence.Adapters.WebSocket.Connections;

/// <summary>A fresh token on a living connection: proven, and of the same user, or refused; the connection then goes on with what it has.</summary>
internal static class TokenRenewal
{
    /// <summary>The longest that a token is looked at; its keys may have to be fetched.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>The answer to the frame, and what the connection goes on with; null where it was refused.</summary>
    public static async Task<(byte[] Answer, Grant? Grant)> ReadAsync(
        ClientConnection connection,
        ConnectionServices services,
        string? frameId,
        string token
    )
    {
        if (services.TokenReader is not { } reader || connection.Grant is not { } held)
        {
            return (Refused(frameId, ErrorCodes.Unavailable, "this connection was opened by no token, and takes none"), null);
        }

        using var limit = new CancellationTokenSource(Limit, services.Time);
        try
        {
            var read = await reader.Read(token, connection.Device, limit.Token).WaitAsync(limit.Token);
            return read.Value is not { } grant ? (ServerFrames.Error(frameId, read.Refusal!), null)
                : !IsOf(connection, held, grant) ? (Refused(frameId, ErrorCodes.Forbidden, "the token is another user's"), null)
                : !grant.MayRead ? (Refused(frameId, ErrorCodes.Forbidden, $"the token has not the scope {Scopes.Read}"), null)
                : (ServerFrames.AuthenticateAck(frameId, grant.ExpiresAt - services.Time.GetUtcNow()), grant);
        }
        catch (OperationCanceledException)
        {
            return (Refused(frameId, ErrorCodes.Unavailable, "the token could not be proven in time, try again"), null);
        }
    }

    /// <summary>A connection that a backend opened for a user goes on with that backend's next token.</summary>
    private static bool IsOf(ClientConnection connection, Grant held, Grant fresh) =>
        fresh.IsService ? held.IsService && fresh.Subject == held.Subject : fresh.Subject == connection.User;

    private static byte[] Refused(string? frameId, string code, string message) => ServerFrames.Error(frameId, new(code, message));
}
