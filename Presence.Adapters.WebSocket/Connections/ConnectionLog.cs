using System.Net.Sockets;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Presence.Actors;
using Presence.Actors.Hub;
using Presence.Core.Errors;

namespace Presence.Adapters.WebSocket.Connections;

/// <summary>What is logged of connections: at Debug their beginning and end, and each fault of our own that ends one.</summary>
internal sealed partial class ConnectionLog(ILogger<ConnectionLog>? log, NodeCounters counters)
{
    private readonly ILogger _log = log ?? (ILogger)NullLogger.Instance;

    /// <summary>One has begun.</summary>
    public void Opened(IClientConnection connection) => LogOpened(connection.Id, connection.User.Value, connection.Device?.Value ?? "-");

    /// <summary>One is over.</summary>
    public void Closed(IClientConnection connection, CloseReason reason, TimeSpan age) =>
        LogClosed(connection.Id, connection.User.Value, connection.Device?.Value ?? "-", reason.Word, reason.Code, age.TotalSeconds);

    /// <summary>Something ended it: a connection that broke says nothing, all else is logged and counted.</summary>
    public void Unexpected(Exception cause)
    {
        if (!IsOfALostConnection(cause))
        {
            counters.Faults.Add(1);
            LogFault(cause);
        }
    }

    private static bool IsOfALostConnection(Exception cause) =>
        cause is WebSocketException or IOException or SocketException or OperationCanceledException or ObjectDisposedException;

    [LoggerMessage(EventId = 1, Level = LogLevel.Debug, Message = "Connection {Connection} of {User}, device {Device}, is open")]
    private partial void LogOpened(Actors.Users.ConnectionId connection, string user, string device);

    [LoggerMessage(
        EventId = 2,
        Level = LogLevel.Debug,
        Message = "Connection {Connection} of {User}, device {Device}, is over: {Reason} ({Code}) after {Seconds:0.0} s"
    )]
    private partial void LogClosed(
        Actors.Users.ConnectionId connection,
        string user,
        string device,
        string reason,
        int code,
        double seconds
    );

    [LoggerMessage(EventId = 3, Level = LogLevel.Error, Message = "A connection was ended by a fault of the service's own")]
    private partial void LogFault(Exception cause);
}
