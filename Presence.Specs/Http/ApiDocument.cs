using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Presence.Specs.Http;

/// <summary>The served OpenAPI document, and just so much of JSON Schema as it uses.</summary>
internal sealed class ApiDocument(JsonNode root)
{
    private static readonly string[] Methods = ["get", "put", "post", "delete", "patch", "head", "options"];

    /// <summary>The operations, such as <c>GET /users/{user_id}</c>.</summary>
    public IReadOnlyList<string> Operations { get; } =
    [
        .. root["paths"]!
            .AsObject()
            .SelectMany(path =>
                path.Value!.AsObject()
                    .Where(operation => Methods.Contains(operation.Key))
                    .Select(operation => $"{operation.Key.ToUpperInvariant()} {path.Key}")
            ),
    ];

    public static async Task<ApiDocument> Of(HttpApp app) => new(JsonNode.Parse(await app.Client.GetStringAsync("/openapi.json"))!);

    public JsonNode Operation(string name)
    {
        var words = name.Split(' ');
        return root["paths"]![words[1]]![words[0].ToLowerInvariant()]!;
    }

    public JsonNode Schema(string name) => root["components"]!["schemas"]![name]!;

    /// <summary>The contents of the request's body and of the good answer.</summary>
    public IEnumerable<JsonNode> GoodContents(string name)
    {
        var operation = Operation(name);
        return Contents(operation["requestBody"]).Concat(Contents(operation["responses"]!["200"]));
    }

    /// <summary>The contents of the request's body and of every answer.</summary>
    public IEnumerable<JsonNode> AllContents(string name)
    {
        var operation = Operation(name);
        return Contents(operation["requestBody"])
            .Concat(operation["responses"]!.AsObject().SelectMany(response => Contents(response.Value)));
    }

    /// <summary>What is wrong with that response of that request; of a route that is not in the document: nothing.</summary>
    public IEnumerable<string> FaultsOfResponse(string method, string path, int status, string? mediaType, string body)
    {
        var name = Operations
            .Where(operation => operation.StartsWith(method + " ", StringComparison.Ordinal) && Matches(operation.Split(' ')[1], path))
            .OrderBy(operation => operation.Count(c => c == '{'))
            .FirstOrDefault();
        if (name is null)
        {
            return [];
        }

        return Operation(name)["responses"]![$"{status}"] is not { } response ? [$"{name} does not name the status {status}"]
            : response["content"] is not { } content ? (body.Length == 0 ? [] : [$"{name} has no body with {status}"])
            : content[mediaType!] is not { } described ? [$"{name} does not answer {status} with {mediaType}"]
            : Faults(described["schema"]!, JsonNode.Parse(body)).Select(fault => $"{name}: {fault}");
    }

    /// <summary>Where the value does not fit the schema.</summary>
    public IEnumerable<string> Faults(JsonNode schema, JsonNode? value, string at = "$")
    {
        if ((string?)schema["$ref"] is { } reference)
        {
            return Faults(Schema(reference.Split('/')[^1]), value, at);
        }

        if (schema["oneOf"] is JsonArray alternatives)
        {
            return alternatives.Any(one => !Faults(one!, value, at).Any()) ? [] : [$"{at} fits none of the alternatives"];
        }

        return TypeFaults(schema, value, at)
            .Concat(value is JsonObject o ? ObjectFaults(schema, o, at) : [])
            .Concat(
                value is JsonArray a && schema["items"] is { } items ? a.SelectMany((item, i) => Faults(items, item, $"{at}[{i}]")) : []
            )
            .Concat(TextFaults(schema, value, at));
    }

    private static IEnumerable<string> TypeFaults(JsonNode schema, JsonNode? value, string at)
    {
        if (schema["enum"] is JsonArray words && !words.Any(word => JsonNode.DeepEquals(word, value)))
        {
            yield return $"{at} is none of {words.ToJsonString()}";
        }

        string[] types = schema["type"] switch
        {
            null => [],
            JsonArray several => [.. several.Select(type => (string)type!)],
            var one => [(string)one!],
        };
        if (types.Length > 0 && !types.Any(type => IsOfType(type, value)))
        {
            yield return $"{at} is no {string.Join(" or ", types)}";
        }
    }

    private static bool IsOfType(string type, JsonNode? value) =>
        type switch
        {
            "null" => value is null,
            "object" => value is JsonObject,
            "array" => value is JsonArray,
            "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
            "integer" => value?.GetValueKind() == JsonValueKind.Number && value.ToJsonString().All(c => char.IsAsciiDigit(c) || c == '-'),
            "number" => value?.GetValueKind() == JsonValueKind.Number,
            _ => value?.GetValueKind() == JsonValueKind.String,
        };

    private IEnumerable<string> ObjectFaults(JsonNode schema, JsonObject value, string at)
    {
        foreach (var name in schema["required"]?.AsArray().Select(name => (string)name!) ?? [])
        {
            if (!value.ContainsKey(name))
            {
                yield return $"{at}.{name} is missing";
            }
        }

        var isOpen = schema["properties"] is null && schema["additionalProperties"] is null;
        foreach (var (name, field) in isOpen ? [] : value)
        {
            var known = schema["properties"]?[name] ?? schema["additionalProperties"];
            var faults = known is null ? [$"{at}.{name} is not described"] : Faults(known, field, $"{at}.{name}");
            foreach (var fault in faults)
            {
                yield return fault;
            }
        }
    }

    private static IEnumerable<string> TextFaults(JsonNode schema, JsonNode? value, string at)
    {
        if (value?.GetValueKind() != JsonValueKind.String)
        {
            yield break;
        }

        if ((string?)schema["pattern"] is { } pattern && !Regex.IsMatch((string)value!, pattern))
        {
            yield return $"{at} does not match {pattern}";
        }

        if ((string?)schema["format"] == "date-time" && !DateTimeOffset.TryParse((string)value!, out _))
        {
            yield return $"{at} is no time";
        }
    }

    private static IEnumerable<JsonNode> Contents(JsonNode? node) => node?["content"]?.AsObject().Select(content => content.Value!) ?? [];

    private static bool Matches(string template, string path) =>
        Regex.IsMatch(path, "^" + Regex.Replace(Regex.Escape(template), @"\\\{[a-z_]+}", "[^/]+") + "$");
}
