using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Presence.Adapters.Http.Wire;

namespace Presence.Adapters.Http.Documents;

/// <summary>The published document of the HTTP side (OpenAPI 3.1), made from the routes themselves.</summary>
internal static class PresenceDocument
{
    /// <summary>The form of every id.</summary>
    public const string IdPattern = "^[A-Za-z0-9._:@-]{1,128}$";

    private const string UserScheme = "user";
    private const string ServiceScheme = "service";
    private const string BearerScheme = "bearer";

    public static IServiceCollection AddPresenceDocument(this IServiceCollection services) =>
        services
            .ConfigureHttpJsonOptions(options =>
            {
                // The schemas follow these; no body is read or written by them.
                options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
                options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
                options.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower));
            })
            .AddOpenApi(options =>
            {
                options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
                options.CreateSchemaReferenceId = info => NameOf(info.Type) ?? OpenApiOptions.CreateDefaultSchemaReferenceId(info);
                options.AddDocumentTransformer((document, _, _) => Introduce(document));
                options.AddOperationTransformer(Complete);
            });

    private static Task Introduce(OpenApiDocument document)
    {
        document.Info = new()
        {
            Title = "Presence",
            Version = typeof(PresenceDocument).Assembly.GetName().Version!.ToString(3),
            Description =
                "Who is online, and how. Refusals are problem details (RFC 9457) with a stable `code`. Unknown fields are ignored; times are RFC 3339 in UTC.",
        };
        document.Servers = [.. PresenceHttp.Prefixes.Select(prefix => new OpenApiServer { Url = prefix.Length == 0 ? "/" : prefix })];
        document.Components ??= new();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [UserScheme] = Header("X-User-ID", "The user who calls, in `trusted_headers` mode."),
            [ServiceScheme] = Header("X-Api-Key", "The key of services, in `trusted_headers` mode."),
            [BearerScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = "In `jwt` mode: `sub` is the user; the scope `presence.service` marks a service.",
            },
        };
        return Task.CompletedTask;
    }

    private static async Task Complete(
        OpenApiOperation operation,
        OpenApiOperationTransformerContext context,
        CancellationToken cancellation
    )
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.OperationId = Name(context.Description.HttpMethod!, context.Description.RelativePath!);
        Secure(operation, context.Document!, metadata.OfType<AccessMetadata>().Single().Access);
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            Constrain(parameter);
        }

        if (metadata.OfType<NamesDevice>().SingleOrDefault() is { } device)
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(DeviceHeader(device.IsRequired));
        }

        if (metadata.OfType<RequestBody>().SingleOrDefault() is { } body)
        {
            operation.RequestBody = await Describe(body, context, cancellation);
        }

        foreach (var (status, response) in operation.Responses ?? [])
        {
            foreach (var (mediaType, content) in response.Content ?? new Dictionary<string, OpenApiMediaType>())
            {
                content.Example =
                    status.StartsWith('2') ? Parse(metadata.OfType<ResponseExample>().SingleOrDefault()?.Json)
                    : mediaType == Problems.MediaType ? ProblemOf(int.Parse(status, CultureInfo.InvariantCulture))
                    : null;
            }
        }
    }

    private static async Task<OpenApiRequestBody> Describe(
        RequestBody body,
        OpenApiOperationTransformerContext context,
        CancellationToken cancellation
    )
    {
        var name = NameOf(body.Type)!;
        context.Document!.AddComponent(name, await context.GetOrCreateSchemaAsync(body.Type, null, cancellation));
        return new()
        {
            Required = !body.IsOptional,
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                [body.MediaType] = new() { Schema = new OpenApiSchemaReference(name, context.Document), Example = Parse(body.Example) },
            },
        };
    }

    private static string? NameOf(Type type) =>
        type.Name.EndsWith("Schema", StringComparison.Ordinal) ? type.Name[..^"Schema".Length] : null;

    private static void Secure(OpenApiOperation operation, OpenApiDocument document, Access access)
    {
        string[] schemes = access switch
        {
            Access.User => [UserScheme, BearerScheme],
            Access.UserOrService => [UserScheme, ServiceScheme, BearerScheme],
            Access.Service => [ServiceScheme, BearerScheme],
            _ => [],
        };
        operation.Security =
        [
            .. schemes.Select(scheme => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(scheme, document)] = [] }),
        ];
    }

    private static void Constrain(OpenApiParameter parameter)
    {
        var isFlag = parameter.Name == "all";
        parameter.Required = !isFlag;
        parameter.Description = isFlag ? "1: all known devices, else those connected." : "An id.";
        parameter.Schema = isFlag
            ? new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["0", "1"] }
            : new OpenApiSchema { Type = JsonSchemaType.String, Pattern = IdPattern };
    }

    private static OpenApiParameter DeviceHeader(bool isRequired) =>
        new()
        {
            Name = "X-Device-ID",
            In = ParameterLocation.Header,
            Required = isRequired,
            Description = "The device that calls: counts as a heartbeat of it.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = IdPattern },
        };

    private static OpenApiSecurityScheme Header(string name, string description) =>
        new()
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = name,
            Description = description,
        };

    /// <summary>Such as <c>getUsersUserIdContacts</c>: what generated clients call the operation.</summary>
    private static string Name(string method, string path)
    {
        var words = path.Split(['/', '{', '}', '_', '.'], StringSplitOptions.RemoveEmptyEntries);
        var noun = words.Length == 0 ? "OwnPresence" : string.Concat(words.Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        return method.ToLowerInvariant() + noun;
    }

    private static JsonNode? ProblemOf(int status) => JsonNode.Parse(Problems.Encode(status, Problems.OfStatus(status)).Span);

    private static JsonNode? Parse(string? json) => json is null ? null : JsonNode.Parse(json);
}
