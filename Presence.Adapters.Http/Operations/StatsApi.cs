using System.Collections.Immutable;
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
        WriteSums(writer, "disconnects"u8, nodes.SelectMany(node => node.Disconnects));
        WriteSums(writer, "refused"u8, nodes.SelectMany(node => node.Refused ?? ImmutableDictionary<string, long>.Empty));
    }

    private static void WriteSums(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IEnumerable<KeyValuePair<string, long>> counts)
    {
        writer.WriteStartObject(name);
        foreach (
            var word in counts
                .GroupBy(count => count.Key, count => count.Value, StringComparer.Ordinal)
                .OrderBy(word => word.Key, StringComparer.Ordinal)
        )
        {
            writer.WriteNumber(word.Key, word.Sum());
        }

        writer.WriteEndObject();
    }
}
