using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;

namespace Presence.Benchmarks.Faults.Attacks;

/// <summary>Users with a long journal, as an earlier build left it, beside users with one fact: for the one nothing may take noticeably longer than for the other, right after the start and later. And a privacy rule as large as may be, put again and again: the database must not grow with it.</summary>
internal static class JournalAttack
{
    private const string AtFirst = "right after the start";
    private const double Slower = 1.5;
    private const int WarmUps = 30;

    /// <summary>For each user the last fact of each kind, and what has not been cut yet.</summary>
    private const long Few = 20;

    /// <summary>Users with one fact for each with many.</summary>
    private const int ComparedWith = 5;

    /// <summary>Less than that is the machine's noise, not the journal's length.</summary>
    private const double NoiseMs = 5;

    public static async Task Run(FaultRun run)
    {
        var (facts, users) = (run.Arguments.Number("facts", 1_000_000), run.Arguments.Number("users", 2));
        var (walk, rule) = (run.Arguments.Seconds("walk", 900), run.Arguments.Seconds("rule", 60));
        var growth = run.Arguments.Number("growth", 32);
        await using var node = run.Own(await OneNode.Start(run.Folder, run.Arguments.Number("postgresql", 0) == 1));
        await node.Restart(async () =>
        {
            run.Tell($"{2 * users} users with {facts:N0} facts each are written");
            for (var user = 0; user < 2 * users; user++)
            {
                await Write(node, $"old-{user}", facts);
            }

            for (var user = 0; user < 2 * users * ComparedWith; user++)
            {
                await Write(node, $"one-{user}", 1);
            }
        });
        await Compare(run, node, AtFirst, [.. Enumerable.Range(0, users)]);
        await Walked(run, node, walk);
        await node.Restart();
        await Compare(run, node, "later, after a restart", [.. Enumerable.Range(users, users)]);
        await PutRules(run, node, rule, growth);
    }

    /// <summary>Straight into the tables, in the journal's format of 2026-11: all of one text but the last.</summary>
    private static async Task Write(OneNode node, string user, int facts)
    {
        var (numbers, no, message) = node.IsPostgreSql
            ? ($"generate_series(1, {facts}) as numbers(n)", "false", "convert_to(@text, 'UTF8')")
            : (
                $"(with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < {facts}) select n from numbers)",
                "0",
                "cast(@text as blob)"
            );
        await node.Sql(
            $"""
            insert into journal (created, deleted, persistence_id, sequence_number, message, manifest, identifier, tags, writer_uuid)
            select 639314643838945260, {no}, 'user-{user}', n, {message}, 'status-chosen', 8085, '', 'an-earlier-build' from {numbers}
            """,
            """{"custom_status":"as before","at":"2026-11-01T12:00:00+00:00"}"""
        );
        await node.Sql(
            $"insert into users (user_id, profile, profile_sequence) values ('{user}', @text, {facts})",
            """{"custom_status":"as before","chosen_at":"2026-11-01T12:00:00+00:00"}"""
        );
    }

    /// <summary>What an earlier build left is cut in the background.</summary>
    private static async Task Walked(FaultRun run, OneNode node, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        long ended;
        while ((ended = await node.Sql("select ended from journal_walk")) == 0 && clock.Elapsed < limit)
        {
            await Task.Delay(TimeSpan.FromSeconds(2));
        }

        var rows = await node.Sql("select count(*) from journal where persistence_id like 'user-old-%'");
        run.Findings.Row("rows of those journals left; after", $"{rows:N0}; {clock.Elapsed.TotalSeconds:F0} s");
        run.Findings.Hold(ended == 1 && rows < Few, $"{rows:N0} rows of those journals were left after {clock.Elapsed.TotalSeconds:F0} s");
    }

    private static async Task Compare(FaultRun run, OneNode node, string when, int[] users)
    {
        run.Tell($"{when}: what is done to users with many facts and with one");
        for (var user = 0; user < WarmUps; user++)
        {
            await Do(node, HttpMethod.Get, $"/users/warm-{user}");
            await Change(node, $"warm-{user}");
            await Do(node, HttpMethod.Get, $"/users/warm-{user}/export");
            await Do(node, HttpMethod.Delete, $"/users/warm-{user}");
        }

        (string What, Func<string, Task<Done>> Do)[] all =
        [
            ("a load", user => Do(node, HttpMethod.Get, $"/users/{user}")),
            ("the next change", user => Change(node, user)),
            ("an export", user => Do(node, HttpMethod.Get, $"/users/{user}/export")),
            ("an erase", user => Do(node, HttpMethod.Delete, $"/users/{user}")),
        ];
        foreach (var (what, doIt) in all)
        {
            var (many, one) = (new List<Done>(), new List<Done>());
            // Those with one first: what is done to the others may go on behind a refusal, and be in their way.
            foreach (var user in users.SelectMany(user => Enumerable.Range(user * ComparedWith, ComparedWith)))
            {
                one.Add(await doIt($"one-{user}"));
            }

            foreach (var user in users)
            {
                many.Add(await doIt($"old-{user}"));
            }

            var (longer, shorter) = (Median(many), Median(one));
            var failed = many.Concat(one).FirstOrDefault(done => done.Failure is not null).Failure;
            run.Findings.Row(
                $"{when}: {what}, of many / of one, ratio",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{longer:F1} / {shorter:F1} ms, {longer / shorter:F1}{(failed is null ? "" : $", {many.Count(done => done.Failure is not null)} of {many.Count} answered {failed}")}"
                )
            );
            run.Findings.Hold(failed is null, $"{when}: {what} was answered with {failed}");
            // What an earlier build left is deleted with its user, which takes its time.
            var deletes = what == "an erase" && when == AtFirst;
            run.Findings.Hold(
                deletes || longer <= shorter * Slower || longer - shorter <= NoiseMs,
                string.Create(CultureInfo.InvariantCulture, $"{when}: {what} took {longer:F1} ms of many facts, {shorter:F1} ms of one")
            );
        }
    }

    private static double Median(IEnumerable<Done> all)
    {
        var sorted = all.Select(done => done.Milliseconds).Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static Task<Done> Change(OneNode node, string user) =>
        Do(node, HttpMethod.Post, "/", user, new Dictionary<string, string> { ["custom_status"] = "a new one" });

    private static async Task<Done> Do(OneNode node, HttpMethod method, string path, string? user = null, object? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (user is not null)
        {
            request.Headers.Add("X-User-ID", user);
        }

        request.Content = body is null ? null : JsonContent.Create(body);
        var start = Stopwatch.GetTimestamp();
        string? failure = null;
        try
        {
            using var response = await node.Service.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            await response.Content.CopyToAsync(Stream.Null);
            failure = response.IsSuccessStatusCode ? null : ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or OperationCanceledException)
        {
            failure = "nothing";
        }

        return new Done(Stopwatch.GetElapsedTime(start).TotalMilliseconds, failure);
    }

    private static async Task PutRules(FaultRun run, OneNode node, TimeSpan length, int growth)
    {
        var ids = 9_900;
        while (ids > 0 && await Put(ids, 0) is { Failure: not null and not "429" })
        {
            ids /= 2;
        }

        run.Tell($"a rule with {ids:N0} blocked users of 100 letters is put again and again");
        var (before, largest) = (await node.DatabaseBytes(), 0L);
        var clock = Stopwatch.StartNew();
        var (stored, refused) = (0, 0);
        for (var number = 1; clock.Elapsed < length; number++)
        {
            var done = await Put(ids, number);
            _ = done.Failure is null ? stored++ : refused++;
            largest = Math.Max(largest, await node.DatabaseBytes());
            await Task.Delay(TimeSpan.FromMilliseconds(done.Failure is null ? 0 : 500));
        }

        run.Findings.Row("the largest rule, stored so often; refused", $"{ids * 103:N0} bytes, {stored:N0}; {refused:N0}");
        run.Findings.Row("  the database grew by, at most", $"{(largest - before) >> 20:N0} MiB");
        run.Findings.Hold(
            (largest - before) >> 20 <= growth,
            $"the database grew by {(largest - before) >> 20} MiB for {stored} rules of {ids * 103} bytes"
        );

        // Each differs from the last by one.
        Task<Done> Put(int count, int number) =>
            Do(
                node,
                HttpMethod.Put,
                "/privacy",
                "blocker",
                new { blocked = Enumerable.Range(number, count).Select(id => $"{id:D5}-{new string('x', 94)}") }
            );
    }

    /// <summary>How long a request took, and by what it failed.</summary>
    private readonly record struct Done(double Milliseconds, string? Failure);
}
