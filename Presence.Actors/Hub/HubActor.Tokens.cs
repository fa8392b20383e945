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

    /// <summary>Those alone that are new: of one that is known, what was opened since is not meant.</summary>
    private void OnCloseRevoked(CloseRevoked revoked)
    {
        var news = new Revocations();
        news.Take(revoked.Revocations);
        foreach (var socket in _sockets.Values.Where(socket => IsRevoked(news, socket.Connection)).ToList())
        {
            Close(socket, CloseReason.TokenRevoked);
        }
    }

    /// <summary>What was opened by no token was opened before. A token may be somebody else's, that of a service which acts for the user.</summary>
    private static bool IsRevoked(Revocations revocations, IClientConnection connection) =>
        connection.Grant is { } grant
            ? revocations.Cover(grant, connection.User, connection.Device)
            : revocations.Cover(connection.User, connection.Device, null, DateTimeOffset.MinValue);
}
