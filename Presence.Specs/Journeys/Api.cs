using System.Net;
using System.Text;
using System.Text.Json;

namespace Presence.Specs.Journeys;

/// <summary>An answer: the status, the object in the body (undefined where there is none) and the text.</summary>
internal sealed record ApiAnswer(HttpStatusCode Status, JsonElement Json, string Text, string? MediaType)
{
    /// <summary>The stable code of a problem.</summary>
    public string? Code => Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty("code", out var code) ? code.GetString() : null;
}

/// <summary>A client of the HTTP API.</summary>
internal sealed class Api(Uri server) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = server, Timeout = TimeSpan.FromSeconds(30) };

    public Task<ApiAnswer> Get(string path, string? user = null, string? device = null) => Send("GET", path, null, user, device);

    public Task<ApiAnswer> Put(string path, string? body = null, string? user = null) => Send("PUT", path, body, user);

    public Task<ApiAnswer> Post(string path, string? body = null, string? user = null, string? device = null) =>
        Send("POST", path, body, user, device);

    public Task<ApiAnswer> Delete(string path, string? user = null) => Send("DELETE", path, null, user);

    public async Task<ApiAnswer> Send(
        string method,
        string path,
        string? body,
        string? user = null,
        string? device = null,
        string mediaType = "application/json",
        params (string Name, string Value)[] headers
    )
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        Add(request, "X-User-ID", user);
        Add(request, "X-Device-ID", device);
        foreach (var (name, value) in headers)
        {
            Add(request, name, value);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, mediaType);
        }

        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var type = response.Content.Headers.ContentType?.MediaType;
        return new(
            response.StatusCode,
            text.Length > 0 && type?.EndsWith("json", StringComparison.Ordinal) == true ? JsonElement.Parse(text) : default,
            text,
            type
        );
    }

    /// <summary>Makes the two contacts.</summary>
    public async Task MakeContacts(string one, string other) =>
        (await Put($"/users/{one}/contacts/{other}")).Status.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.NoContent);

    /// <summary>Lets them take part in a conversation.</summary>
    public async Task MakeConversation(string conversation, params string[] participants) =>
        (
            await Put($"/conversations/{conversation}/participants", $$"""{"participants":{{JsonSerializer.Serialize(participants)}}}""")
        ).Status.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.NoContent);

    public void Dispose() => _http.Dispose();

    private static void Add(HttpRequestMessage request, string name, string? value)
    {
        if (value is not null)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
