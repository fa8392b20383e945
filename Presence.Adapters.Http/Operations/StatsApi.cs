using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Presence.Actors.Hub;
using Presence.Adapters.Http.Documents;
using Presence.Adapters.Http.Wire;

namespace Presence.Adapters.Http.Operations;

/// <summary>What the service counts, for operators.</summary>
internal static class StatsApi
{
    public static void MapStats(this IEndpointRouteBuilder routes) =>
        routes
            .MapGet("/stats", Read)
            .For(Access.Service)
            .Does("What the service counts, for operators.")
            .Gives<StatsSchema>(Examples.Stats);

    private static Task<IResult> Read(HttpContext http, Entities entities) =>
        entities.AskAllNodes(stats => new JsonAnswer(writer => Write(writer, stats.Nodes)), http.RequestAborted);

    private static void Write(Utf8JsonWriter writer, IReadOnlyCollection<NodeStats> nodes)
    {
        writer.WriteStartObject();
        WriteCounts(writer, nodes);
        writer.WriteStartArray("nodes"u8);
        foreach (var node in nodes.OrderBy(node => node.Node, StringComparer.Ordinal))
        {
            writer.WriteStartObject();
            writer.WriteString("node"u8, node.Node);
            WriteCounts(writer, [node]);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteCounts(Utf8JsonWriter writer, IReadOnlyCollection<NodeStats> nodes)
    {
        writer.WriteNumber("users_online"u8, nodes.Sum(node => node.UsersOnline));
        writer.WriteNumber("devices"u8, nodes.Sum(node => node.Devices));
        writer.WriteNumber("connections"u8, nodes.Sum(node => node.Connections));
        writer.WriteNumber("connects"u8, nodes.Sum(node => node.Connects));
        writer.WriteStartObject("disconnects"u8);
        var byReason = nodes.SelectMany(node => node.Disconnects).GroupBy(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal);
        foreach (var reason in byReason.OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            writer.WriteNumber(reason.Key, reason.Sum());
        }

        writer.WriteEndObject();
    }
}
