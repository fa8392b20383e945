using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Presence.Adapters.Http.Documents;

/// <summary>For an answer that is the same for everybody and costs much to make.</summary>
internal static class EncodedOnce
{
    private sealed record Answer(string? Type, byte[] Bytes);

    /// <summary>The route makes its answer for the first who asks, and gives the others the bytes of it.</summary>
    public static void EncodeOnce(this IEndpointConventionBuilder route) =>
        route.Add(endpoint =>
        {
            var make = endpoint.RequestDelegate!;
            Answer? made = null;
            endpoint.RequestDelegate = async http =>
            {
                // Two who ask at once may both make it.
                var answer = made ?? await MakeAsync(http, make);
                made = http.Response.StatusCode == StatusCodes.Status200OK ? answer : null;
                http.Response.ContentType = answer.Type;
                await http.Response.Body.WriteAsync(answer.Bytes, http.RequestAborted);
            };
        });

    private static async Task<Answer> MakeAsync(HttpContext http, RequestDelegate make)
    {
        var body = http.Response.Body;
        using var made = new MemoryStream();
        http.Response.Body = made;
        try
        {
            await make(http);
        }
        finally
        {
            http.Response.Body = body;
        }

        return new(http.Response.ContentType, made.ToArray());
    }
}
