using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Presence.Core.Cluster;
using Presence.Core.Users;

namespace Presence.Specs.Sql;

public sealed class JournalCutInSqliteSpecs() : JournalCutSpecs(null);

[Collection("postgres")]
public sealed class JournalCutInPostgresSpecs(PostgresServer server) : JournalCutSpecs(server);

/// <summary>Of each kind of fact the last one stays, and tells everything; what a projection has not seen is folded into what is loaded.</summary>
public abstract class JournalCutSpecs(PostgresServer? server) : StoreSpecs(server)
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly bool _onFile = server is null;

    private IUserStore UserStore => Store.Get<IUserStore>();

    private IJournalCutter Cutter => Store.Get<IJournalCutter>();

    [SkippableFact]
    public async Task A_projection_cuts_the_journal_behind_it_and_its_last_number_stays()
    {
        await Statuses("a", 1, 5);
        await Rules("a", 6, 8);
        await Statuses("a", 9, 10);
        await Statuses("b", 1, 3);

        await Project("a", 9);

        (await Numbers("a")).ShouldBe(["8", "9", "10"]);
        (await Numbers("b")).ShouldBe(["1", "2", "3"]);
        (await Load("a"))!.JournalSequence.ShouldBe(10);
    }

    [SkippableFact]
    public async Task A_long_journal_is_cut_piece_by_piece()
    {
        await Statuses("a", 1, 1_500);
        await Rules("a", 1_501, 1_501);
        await Project("a", 1_501);
        (await Numbers("a")).Count.ShouldBeInRange(900, 1_100);

        await Project("a", 1_501);
        await Project("a", 1_501);
        await Project("a", 1_501);

        (await Numbers("a")).ShouldBe(["1500", "1501"]);
    }

    [SkippableFact]
    public async Task What_the_projection_has_not_seen_is_folded_into_what_is_loaded()
    {
        await Statuses("a", 1, 3);
        await Project("a", 3);
        await Rules("a", 4, 6);
        await Statuses("a", 7, 7);
        await Rules("b", 1, 2);

        var a = (await Load("a"))!;
        (a.ProjectedSequence, a.JournalSequence, a.Profile!.CustomStatus, a.Profile.Privacy.Blocked.Single().Value).ShouldBe(
            (3, 7, "text 7", "eve-6")
        );
        var b = (await Load("b"))!;
        (b.ProjectedSequence, b.JournalSequence, b.Profile!.Privacy.Blocked.Single().Value).ShouldBe((0, 2, "eve-2"));
    }

    [SkippableFact]
    public async Task A_projection_that_cannot_be_read_is_made_anew_from_the_last_fact_of_each_kind()
    {
        await Rules("a", 1, 3);
        await Statuses("a", 4, 6);
        await Project("a", 6);
        await Store.Execute("update users set profile = 'of another version'");

        var row = (await Load("a"))!;

        (row.ProjectedSequence, row.Sequence, row.Profile!.CustomStatus, row.Profile.Privacy.Blocked.Single().Value).ShouldBe(
            (0, 6, "text 6", "eve-3")
        );
    }

    [SkippableFact]
    public async Task A_fact_of_a_newer_version_is_not_guessed_at()
    {
        await Statuses("a", 1, 1);
        await Store.Execute(Fact("a", 2, "mood-chosen", "{}"));
        await Statuses("b", 1, 1);
        await Store.Execute(Fact("b", 2, "status-chosen", "not JSON"));

        (await Load("a"))!.Profile.ShouldBeNull();
        (await Load("b"))!.Profile.ShouldBeNull();
    }

    [SkippableFact]
    public async Task The_walk_cuts_every_journal_once_and_goes_on_where_it_was()
    {
        await Statuses("a", 1, 1_200);
        await Rules("b", 1, 40);
        await Statuses("c", 1, 1);
        await Store.Execute(Fact("a", 1, "status-chosen", "{}").Replace("'user-a'", "'warm-up-x'", StringComparison.Ordinal));
        (await Cutter.CutNext(None)).ShouldBeTrue();

        await using var other = Store.Services(NodeName.New());
        var steps = 1;
        while (await other.GetRequiredService<IJournalCutter>().CutNext(None))
            steps.ShouldBeLessThan(steps++ + 50);

        (await Store.Query("select persistence_id, sequence_number from journal order by persistence_id")).ShouldBe([
            "user-a|1200",
            "user-b|40",
            "user-c|1",
        ]);
        (await Cutter.CutNext(None)).ShouldBeFalse();
        await Statuses("d", 1, 5);
        (await Cutter.CutNext(None)).ShouldBeFalse();
    }

    [SkippableFact]
    public async Task A_journal_of_any_length_is_handed_out_and_erased()
    {
        await Statuses("a", 1, 20_000);
        await Rules("a", 20_001, 20_001);

        var kept = await Store.Get<IUserArchive>().Export(User("a"), None);
        kept.Journal.Select(entry => entry.Sequence).ShouldBe([20_000, 20_001]);

        await Statuses("a", 20_002, 40_000);
        await Store.Get<IUserArchive>().Erase(User("a"), None);
        (await Store.Query("select 1 from journal")).ShouldBeEmpty();
    }

    private async Task<UserRow?> Load(string user) => (await UserStore.Load(Users(user), None)).GetValueOrDefault(User(user));

    private Task Project(string user, long sequence) =>
        UserStore.Save(new([new(User(user), new() { CustomStatus = "projected", ChosenAt = Noon }, sequence)], [], []), None);

    private Task<List<string>> Numbers(string user) =>
        Store.Query($"select sequence_number from journal where persistence_id = 'user-{user}' order by sequence_number");

    private Task Statuses(string user, int from, int to) =>
        Store.Execute(Facts(user, from, to, "status-chosen", """{"custom_status":"text #","at":"2026-11-22T12:00:00+00:00"}"""));

    private Task Rules(string user, int from, int to) =>
        Store.Execute(Facts(user, from, to, "privacy-chosen", """{"rule":{"blocked":["eve-#"]},"at":"2026-11-22T12:00:00+00:00"}"""));

    /// <summary>Many at once, by the database itself; the number of each stands for <c>#</c>.</summary>
    private string Facts(string user, int from, int to, string manifest, string json)
    {
        var parts = json.Split('#');
        var text = $"'{parts[0]}' || n || '{parts[1]}'";
        return _onFile
            ? $"""
                with recursive numbers(n) as (select {from} union all select n + 1 from numbers where n < {to})
                insert into journal (created, deleted, persistence_id, sequence_number, message, manifest, identifier)
                select 0, 0, 'user-{user}', n, cast({text} as blob), '{manifest}', 8085 from numbers
                """
            : $"""
                insert into journal (created, deleted, persistence_id, sequence_number, message, manifest, identifier)
                select 0, false, 'user-{user}', n, convert_to({text}, 'UTF8'), '{manifest}', 8085 from generate_series({from}, {to}) n
                """;
    }

    private string Fact(string user, int number, string manifest, string json)
    {
        var bytes = Convert.ToHexString(Encoding.UTF8.GetBytes(json));
        var message = _onFile ? $"x'{bytes}'" : $"'\\x{bytes}'";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            insert into journal (created, deleted, persistence_id, sequence_number, message, manifest, identifier)
            values (0, {(_onFile ? "0" : "false")}, 'user-{user}', {number}, {message}, '{manifest}', 8085)
            """
        );
    }
}
