using System.Net.Http.Json;
using System.Text.Json;
using Presence.Benchmarks.Faults.Nodes;
using Presence.Benchmarks.Smoke;

namespace Presence.Benchmarks.Faults.Crowds;

/// <summary>A backend of the crowd's people, which calls whichever node is sound.</summary>
internal sealed class Backend : IDisposable
{
    private const int MostTries = 10;

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly Fleet _fleet;

    /// <summary>Makes one.</summary>
    public Backend(Fleet fleet)
    {
        _fleet = fleet;
        _http.DefaultRequestHeaders.Add("X-Api-Key", Fleet.ApiKey);
    }

    /// <summary>Puts them into a conversation, and nobody else; again where the store gave no answer in time.</summary>
    public async Task Converse(string conversation, IEnumerable<int> users)
    {
        var participants = new { participants = users.Select(ContactRing.Id) };
        for (var tries = 1; ; tries++)
        {
            try
            {
                await Send(HttpMethod.Put, $"/conversations/{conversation}/participants", participants);
                return;
            }
            catch (HttpRequestException) when (tries < MostTries)
            {
                await Task.Delay(TimeSpan.FromSeconds(1));
            }
        }
    }

    /// <summary>Sends an event; its id.</summary>
    /// <param name="recipients">To whom.</param>
    /// <param name="ttl">In seconds; 0: to those who are connected.</param>
    public async Task<string> Notify(IEnumerable<int> recipients, int ttl)
    {
        var sent = new
        {
            event_type = "news",
            recipients = recipients.Select(ContactRing.Id),
            payload = new { },
            ttl,
        };
        using var answer = JsonDocument.Parse(await Send(HttpMethod.Post, "/events", sent));
        return answer.RootElement.GetProperty("event_id").GetString()!;
    }

    /// <summary>Sets an activity that ends by itself, as that user.</summary>
    public Task Act(int user, string activity, int expiresIn) =>
        Send(HttpMethod.Post, "/", new { activity, expires_in = expiresIn }, ContactRing.Id(user));

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<string> Send(HttpMethod method, string route, object body, string? user = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(_fleet.Sound.First().Address, route))
        {
            Content = JsonContent.Create(body),
        };
        if (user is not null)
        {
            request.Headers.Add("X-User-ID", user);
        }

        using var response = await _http.SendAsync(request);
        var answer = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? answer
            : throw new HttpRequestException($"{method} {route} was answered with {(int)response.StatusCode}: {answer}");
    }
}
