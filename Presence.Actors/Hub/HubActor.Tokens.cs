using Presence.Actors.Identity;
using Presence.Core.Errors;
using Presence.Core.Identity;

namespace Presence.Actors.Hub;

/// <content>The end of tokens: told before, closed after; and their revocation. No socket has a timer: the hub knows when the next of all is due.</content>
public sealed partial class HubActor
{
    private DateTimeOffset _nextToken = DateTimeOffset.MaxValue;

    /// <summary>It was revoked between its proof and now, perhaps: the hub is told of a revocation once, when the connection may still be on its way here.</summary>
    private bool RefuseRevoked(IClientConnection connection)
    {
        if (connection.Grant is not { } grant || !_services.Revocations.Cover(grant, connection.User, connection.Device))
        {
            return false;
        }

        connection.Close(CloseReason.TokenRevoked);
        return true;
    }

    /// <summary>A socket is new, or has a new token: what it is due for may come before all else that was.</summary>
    private void AwaitToken(HubSocket socket)
    {
        if (socket.Connection.Grant is { } grant && TokenDue(socket, grant) is var due && due < _nextToken)
        {
            _nextToken = due;
        }
    }

    private DateTimeOffset TokenDue(HubSocket socket, Grant grant) =>
        ReferenceEquals(socket.ToldToExpire, grant) ? grant.ExpiresAt + _services.Tokens.Grace : grant.ExpiresAt - _services.Tokens.Notice;

    private void OnTokens(DateTimeOffset now)
    {
        if (now < _nextToken)
        {
            return;
        }

        _nextToken = DateTimeOffset.MaxValue;
        List<HubSocket>? expired = null;
        foreach (var socket in _sockets.Values)
        {
            if (socket.Connection.Grant is not { } grant)
            {
                continue;
            }

            if (now >= grant.ExpiresAt + _services.Tokens.Grace)
            {
                (expired ??= []).Add(socket);
                continue;
            }

            if (now >= TokenDue(socket, grant) && !ReferenceEquals(socket.ToldToExpire, grant))
            {
                TellToExpire(socket, grant, now);
            }

            AwaitToken(socket);
        }

        expired?.ForEach(socket => Close(socket, CloseReason.TokenExpired));
    }

    private void TellToExpire(HubSocket socket, Grant grant, DateTimeOffset now)
    {
        socket.ToldToExpire = grant;
        var left = grant.ExpiresAt > now ? grant.ExpiresAt - now : TimeSpan.Zero;
        Answer(socket, null, new TokenExpiring(left));
    }

    private void OnCloseRevoked(CloseRevoked revoked)
    {
        foreach (var revocation in revoked.Revocations)
        {
            var candidates = revocation.User is { } user
                ? _local.GetValueOrDefault(user)?.Sockets
                : (IEnumerable<HubSocket>)_sockets.Values;
            foreach (var socket in (candidates ?? []).Where(socket => IsRevoked(revocation, socket.Connection)).ToList())
            {
                Close(socket, CloseReason.TokenRevoked);
            }
        }
    }

    /// <summary>What was opened by no token was opened before.</summary>
    private static bool IsRevoked(Revocation revocation, IClientConnection connection) =>
        revocation.Covers(
            connection.User,
            connection.Device,
            connection.Grant?.TokenId,
            connection.Grant?.IssuedAt ?? DateTimeOffset.MinValue
        );
}
