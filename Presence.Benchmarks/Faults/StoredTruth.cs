using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Presence.Benchmarks.Faults.Crowds;
using Presence.Benchmarks.Faults.Nodes;
using Presence.Benchmarks.Smoke;

namespace Presence.Benchmarks.Faults;

/// <summary>Compares what was acknowledged, and what the watchers have, with what the service answers in the end, and with all that was ever written into the journal.</summary>
internal static partial class StoredTruth
{
    private const int UsersARequest = 500;

    /// <summary>Keeps each row of the journal, which the service cuts behind what it has projected. To be called when the tables are there, and before anybody chooses.</summary>
    public static async Task Begin(Fleet fleet)
    {
        await using var database = fleet.Database();
        await using var command = database.CreateCommand(
            """
            create table if not exists journal_seen (ordering bigint primary key, persistence_id text not null, message bytea not null);
            create or replace function see_journal() returns trigger language plpgsql as $$
            begin
                insert into journal_seen values (new.ordering, new.persistence_id, new.message);
                return null;
            end
            $$;
            create or replace trigger seen after insert on journal for each row execute function see_journal();
            """
        );
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Checks all.</summary>
    public static async Task Check(Fleet fleet, Crowd crowd)
    {
        await CheckAnswers(fleet, crowd);
        await CheckJournal(fleet, crowd);
    }

    private static async Task CheckAnswers(Fleet fleet, Crowd crowd)
    {
        using var http = new HttpClient { BaseAddress = fleet.Sound.First().Address };
        http.DefaultRequestHeaders.Add("X-Api-Key", Fleet.ApiKey);
        foreach (var users in Enumerable.Range(0, crowd.People.Count).Chunk(UsersARequest))
        {
            // Taken before the read: a watcher may be told something newer right after it.
            var shown = users.ToDictionary(user => user, user => Shown(crowd, user));
            using var response = await http.PostAsJsonAsync(
                new Uri("/bulk", UriKind.Relative),
                new Dictionary<string, string[]> { ["user_ids"] = [.. users.Select(ContactRing.Id)] }
            );
            response.EnsureSuccessStatusCode();
            using var body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
            foreach (var user in users)
            {
                CheckAnswer(crowd, user, shown[user], body.RootElement.GetProperty("presences").GetProperty(ContactRing.Id(user)));
            }
        }
    }

    private static (int Watcher, Sights.Sight Sight)[] Shown(Crowd crowd, int user) =>
        [
            .. crowd
                .Ring.ContactsOf(user)
                .Where(crowd.Expected.Contains)
                .Select(watcher => (watcher, crowd.People[watcher].Sights[crowd.Ring.SlotOf(watcher, user)])),
        ];

    private static void CheckAnswer(Crowd crowd, int user, (int Watcher, Sights.Sight Sight)[] shown, JsonElement record)
    {
        var number = Choices.NumberIn(Encoding.UTF8.GetBytes(record.GetProperty("custom_status").GetString() ?? ""));
        var choices = crowd.People[user].Choices;
        if (number < choices.Acknowledged || number > choices.Sent)
        {
            crowd.Board.Findings.Broken(
                Word.Lost,
                $"{ContactRing.Id(user)} has n{number}; n{choices.Acknowledged} was acknowledged, n{choices.Sent} was sent last"
            );
        }

        if (!crowd.Expected.Contains(user))
        {
            return;
        }

        var version = record.GetProperty("version").GetInt64();
        foreach (var (watcher, sight) in shown)
        {
            // An entity that was moved goes on with a new version, and what is the same is not pushed again.
            if (sight.Newest > version || sight.Number != number)
            {
                crowd.Board.Findings.Broken(
                    Word.Missed,
                    $"{ContactRing.Id(watcher)} on {crowd.People[watcher].Node} has {ContactRing.Id(user)} at {sight.Newest} with n{sight.Number}; it is at {version} with n{number}"
                );
            }
        }
    }

    private static async Task CheckJournal(Fleet fleet, Crowd crowd)
    {
        var stored = new Dictionary<(int User, int Number), int>();
        await using var database = fleet.Database();
        await using var command = database.CreateCommand("select persistence_id, message from journal_seen order by ordering");
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            var user = ContactRing.UserOf(Encoding.UTF8.GetBytes(rows.GetString(0)[PersistenceIds..]));
            var number = NumberInFact().Match(Encoding.UTF8.GetString(rows.GetFieldValue<byte[]>(1)));
            if (user >= 0 && number.Success)
            {
                var key = (user, int.Parse(number.Groups["number"].ValueSpan, CultureInfo.InvariantCulture));
                stored[key] = stored.GetValueOrDefault(key) + 1;
            }
        }

        foreach (var ((user, number), times) in stored.Where(entry => entry.Value > 1))
        {
            crowd.Board.Findings.Broken(Word.AppliedTwice, $"n{number} of {ContactRing.Id(user)} is in the journal {times} times");
        }

        for (var user = 0; user < crowd.People.Count; user++)
        {
            foreach (var number in crowd.People[user].Choices.AllAcknowledged.Where(number => !stored.ContainsKey((user, number))))
            {
                crowd.Board.Findings.Broken(
                    Word.FalseAck,
                    $"n{number} of {ContactRing.Id(user)} was acknowledged, and is not in the journal"
                );
            }
        }
    }

    /// <summary>What stands before the user's id in the journal's key.</summary>
    private const int PersistenceIds = 5;

    [GeneratedRegex("\"n(?<number>\\d+)\"", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex NumberInFact();
}
