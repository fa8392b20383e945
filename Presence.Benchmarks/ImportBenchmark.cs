using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Presence.Core.Contacts;
using Presence.Core.Users;

namespace Presence.Benchmarks;

/// <summary>A million contact pairs, streamed in batches of whole lists, as <c>POST /import</c> does. Memory is bounded by the batch, not by the million.</summary>
internal static class ImportBenchmark
{
    private const int Users = 50_000;
    private const int PairsPerUser = 20;
    private const int ListsPerBatch = 500;

    /// <summary>Imports into the store, which must hold no contacts of these users.</summary>
    public static async Task Import(IServiceProvider services)
    {
        var directory = services.GetRequiredService<IContactDirectory>();
        var clock = Stopwatch.StartNew();
        foreach (var batch in Enumerable.Range(0, Users).Select(List).Chunk(ListsPerBatch))
        {
            await directory.Replace(batch, CancellationToken.None);
        }

        var pairs = Users * PairsPerUser;
        Console.Write($"{pairs:N0} pairs in {clock.Elapsed.TotalSeconds:N1} s, {pairs / clock.Elapsed.TotalSeconds:N0} pairs/s; ");
    }

    /// <summary>Users sit in a ring, each the contact of the twenty next to it on either side; so each pair is in two lists, as in a real export.</summary>
    private static ContactList List(int user) =>
        new(Id(user), [.. Enumerable.Range(1, PairsPerUser).SelectMany(step => new[] { Id(user + step), Id(user - step + Users) })]);

    /// <summary>As long as a UUID, and in no order that an index would like.</summary>
    private static UserId Id(int number)
    {
        var scattered = (uint)(number % Users) * 2_654_435_761u;
        return new($"{scattered:x8}-0000-4000-8000-{number % Users:x12}");
    }
}
