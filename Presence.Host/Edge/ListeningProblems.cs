using System.Net;
using System.Net.Sockets;
using Akka.Remote;
using Microsoft.AspNetCore.Connections;
using Presence.Host.Clustering;

namespace Presence.Host.Edge;

/// <summary>What keeps this machine from listening where it should, a line each with what to write instead.</summary>
internal static class ListeningProblems
{
    private const string Example = "http://127.0.0.1:8085";

    /// <summary>Of addresses that are none.</summary>
    public static IEnumerable<string> Of(IEnumerable<string> addresses) =>
        from address in addresses
        where !IsAddress(address)
        select $"Urls has {address}, which is no address: write scheme, host and port, such as {Example}";

    /// <summary>Of a start that failed; null: it failed for something else.</summary>
    public static string? Of(Exception cause, IEnumerable<string> addresses, ClusterOptions cluster) =>
        cause switch
        {
            IOException { InnerException: AddressInUseException } => $"{cause.Message} Stop what listens there, or write another Urls",
            SocketException socket => $"Urls is {string.Join(';', addresses)}, and can't be listened on ({socket.Message}): "
                + $"write an address of this machine, and a port that this user may open, such as {Example}",
            AggregateException several
                when several.GetBaseException() is RemoteTransportException { InnerException: SocketException socket } =>
                $"Presence:Cluster:Port is {cluster.Port}, and can't be listened on at {cluster.EffectiveBindAddress} ({socket.Message}): "
                    + "stop what listens there, or write another port, or an address of this machine as Presence:Cluster:BindAddress",
            _ => null,
        };

    /// <summary>Whether Kestrel would take it.</summary>
    private static bool IsAddress(string address)
    {
        try
        {
            var parsed = BindingAddress.Parse(address);
            return parsed.Scheme is "http" or "https" && parsed.PathBase.Length == 0 && parsed.Port is >= 0 and <= IPEndPoint.MaxPort;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
