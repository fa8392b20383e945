using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Specs.Sql;

public sealed class SessionsInSqliteSpecs() : SessionStoreSpecs(null)
{
    [SkippableFact]
    public async Task One_id_more_of_ten_thousand_writes_a_few_pages()
    {
        await Sessions.Save(
            [Of("a", First, 1, [.. Enumerable.Range(0, 10_000).Select(number => $"{number:000000}-{Guid.NewGuid()}")])],
            None
        );
        await Store.Query("pragma wal_checkpoint(truncate)");

        await Sessions.Save(
            [
                new(
                    User("a"),
                    new("phone"),
                    new(First, 1),
                    new(First, 2),
                    new Dictionary<SessionEntry, bool> { [new(SessionEntryKind.Subscription, "x")] = true },
                    Noon
                ),
            ],
            None
        );

        new FileInfo(Store.File + "-wal").Length.ShouldBeInRange(1, 64 * 1024);
    }
}

[Collection("postgres")]
public sealed class SessionsInPostgresSpecs(PostgresServer server) : SessionStoreSpecs(server)
{
    [SkippableFact]
    public async Task Old_ones_are_forgotten_also_while_another_node_saves_one_of_them()
    {
        await Sessions.Save([Of("a", First, 1, "x"), Of("b", First, 1, "x")], None);
        await using var connection = new Npgsql.NpgsqlConnection(Store.Options.ConnectionString);
        await connection.OpenAsync();
        await using var saving = await connection.BeginTransactionAsync();
        await using var save = connection.CreateCommand();
        save.CommandText = "update sessions set sequence = 2 where user_id = 'a'";
        await save.ExecuteNonQueryAsync();

        while (await Sessions.ForgetBefore(Noon.AddDays(1), None)) { }

        (await Store.Query("select user_id from sessions")).ShouldBe(["a"]);
        (await Store.Query("select user_id from session_ids")).ShouldBe(["a"]);
    }

    /// <summary>It erases while a cluster is upgraded, and knows only the one table.</summary>
    [SkippableFact]
    public async Task When_a_node_of_an_earlier_version_erases_a_session_its_ids_go_too()
    {
        await Sessions.Save([Of("a", First, 1, "x"), Of("b", First, 1, "x")], None);

        await Store.Execute("delete from sessions where user_id = 'a'");

        (await Store.Query("select user_id from session_ids")).ShouldBe(["b"]);
    }
}

/// <summary>What every session store does.</summary>
public abstract class SessionStoreSpecs(PostgresServer? server) : StoreSpecs(server)
{
    protected static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    protected static readonly Guid First = Guid.Parse("11111111-1111-1111-1111-111111111111");
    private static readonly Guid Second = Guid.Parse("22222222-2222-2222-2222-222222222222");

    protected ISessionStore Sessions => Store.Get<ISessionStore>();

    [SkippableFact]
    public async Task A_session_comes_back_as_it_was_saved()
    {
        var saved = new SessionChange(
            User("a"),
            new("phone"),
            null,
            new(First, 7),
            Entries(true, "b", "c@d.e")
                .Append(KeyValuePair.Create(new SessionEntry(SessionEntryKind.Conversation, "r:1"), true))
                .ToDictionary(),
            Noon.AddMicroseconds(123_456)
        );

        await Sessions.Save([saved], None);

        var loaded = (await Load("a")).ShouldHaveSingleItem();
        loaded.ShouldBe(new(User("a"), new("phone"), First, 7, loaded.Subscriptions, loaded.Conversations, Noon.AddMicroseconds(123_456)));
        loaded.Subscriptions.ShouldBe(Users("b", "c@d.e"));
        loaded.Conversations.ShouldBe([Room("r:1")]);
    }

    [SkippableFact]
    public async Task Many_are_loaded_at_once_and_who_has_none_is_absent()
    {
        await Sessions.Save([Of("a", First, 1), Of("b", First, 1, "x", "y"), Of("c", First, 1, "z")], None);

        var loaded = await Load("a", "x", "b", "c");
        loaded.Select(session => session.UserId).ShouldBe(Users("a", "b", "c"), ignoreOrder: true);
        loaded.Single(session => session.UserId == User("b")).Subscriptions.ShouldBe(Users("x", "y"));
        (await Sessions.Load([(User("a"), new("laptop"))], None)).ShouldBeEmpty();
        (await Sessions.Load([], None)).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task A_change_adds_what_was_added_and_removes_what_was_removed()
    {
        await Sessions.Save([Of("a", First, 1, "one", "two"), Of("b", First, 1, "one")], None);

        await Sessions.Save([Change("a", new(First, 1), new(First, 2), "three") with { Entries = Both("three", "one") }], None);

        (await Load("a")).Single().Subscriptions.ShouldBe(Users("three", "two"), ignoreOrder: true);
        (await Load("a")).Single().Sequence.ShouldBe(2);
        (await Load("b")).Single().Subscriptions.ShouldBe(Users("one"));
    }

    [SkippableFact]
    public async Task A_change_that_does_not_go_on_from_what_is_stored_is_passed_over()
    {
        await Sessions.Save([Of("a", First, 1, "one")], None);

        // Something between was lost; of another connection; of a session that is not there.
        await Sessions.Save([Change("a", new(First, 2), new(First, 3), "three")], None);
        await Sessions.Save([Change("a", new(Second, 1), new(Second, 2), "three")], None);
        await Sessions.Save([Change("b", new(First, 1), new(First, 2), "three")], None);

        var stored = (await Load("a", "b")).ShouldHaveSingleItem();
        (stored.Sequence, stored.Connection).ShouldBe((1, First));
        stored.Subscriptions.ShouldBe(Users("one"));
        (await Store.Query("select id from session_ids")).ShouldBe(["one"]);
    }

    [SkippableFact]
    public async Task A_change_whose_outcome_was_not_known_is_written_again_with_what_came_since()
    {
        await Sessions.Save([Of("a", First, 1, "one")], None);
        var change = Change("a", new(First, 1), new(First, 2), "two");
        await Sessions.Save([change], None);

        await Sessions.Save([change], None);
        await Sessions.Save([change.Then(Change("a", new(First, 2), new(First, 3), "three"))], None);

        var stored = (await Load("a")).ShouldHaveSingleItem();
        stored.Sequence.ShouldBe(3);
        stored.Subscriptions.ShouldBe(Users("one", "three", "two"), ignoreOrder: true);
    }

    [SkippableFact]
    public async Task Who_comes_back_takes_the_session_over_and_writes_nothing_of_what_is_there()
    {
        await Sessions.Save([Of("a", First, 5, "one")], None);

        await Sessions.Save([Change("a", new(First, 5), new(Second, 6))], None);
        await Sessions.Save([Change("a", new(First, 5), new(First, 6), "late")], None);

        var stored = (await Load("a")).ShouldHaveSingleItem();
        (stored.Connection, stored.Sequence).ShouldBe((Second, 6));
        stored.Subscriptions.ShouldBe(Users("one"));
    }

    [SkippableFact]
    public async Task Another_connection_of_the_device_that_begins_anew_replaces_the_session_whatever_its_sequence()
    {
        await Sessions.Save([Of("a", First, 5, "old")], None);

        await Sessions.Save([Of("a", Second, 1, "new")], None);
        await Sessions.Save([Of("a", Second, 0, "older")], None);

        (await Load("a")).Single().Subscriptions.ShouldBe(Users("new"));
    }

    [SkippableFact]
    public async Task What_an_earlier_version_wrote_is_read_and_begun_anew()
    {
        // Left by this version before, while the cluster was upgraded.
        await Sessions.Save([Of("a", First, 5, "left")], None);
        await Store.Execute("delete from sessions");
        await Store.Execute(Row("a", "one"));

        var stored = (await Load("a")).ShouldHaveSingleItem();
        (stored.Sequence, stored.IsWhole).ShouldBe((7, true));
        stored.Subscriptions.ShouldBe(Users("one"));

        await Sessions.Save([Change("a", new(First, 7), new(First, 8), "no")], None);
        (await Load("a")).Single().Sequence.ShouldBe(7);
        await Sessions.Save([Of("a", Second, 8, "one", "two")], None);
        (await Load("a")).Single().Subscriptions.ShouldBe(Users("one", "two"));
    }

    /// <summary>It resumes with the ids that it finds in the lists, unless the sequence is below the cursor's, which is 0 at the least.</summary>
    [SkippableFact]
    public async Task An_earlier_version_takes_none_of_these_for_one_of_its_own()
    {
        await Sessions.Save([Of("a", First, 5, "one")], None);
        await Sessions.Save([Change("a", new(First, 5), new(First, 6), "two")], None);

        (await Store.Query("select connection, subscriptions, conversations from sessions where sequence < 0")).ShouldBe([
            $"{First:N}|[]|[]",
        ]);
    }

    [SkippableFact]
    public async Task Old_ones_are_forgotten_however_many_they_are_and_however_large_some_at_a_time()
    {
        var old = Enumerable.Range(0, 300).Select(number => Of($"old{number}", First, 1, "x") with { SavedAt = Noon.AddMinutes(-3) });
        await Sessions.Save([.. old, Of("young", First, 1, "x")], None);
        var ids = Enumerable.Range(0, 3_000).Select(number => $"id{number}").ToArray();
        await Sessions.Save([Of("large", First, 1, ids) with { SavedAt = Noon.AddMinutes(-4) }], None);
        var left = 3_301;

        while (await Sessions.ForgetBefore(Noon, None))
        {
            var now = int.Parse(
                (await Store.Query("select count(*) from session_ids"))[0],
                System.Globalization.CultureInfo.InvariantCulture
            );
            (left - now).ShouldBeLessThanOrEqualTo(500);
            left = now;
            // Half of it is no session to come back to.
            (await Load("large")).ShouldBeEmpty();
        }

        (await Store.Query("select user_id from sessions")).ShouldBe(["young"]);
        (await Store.Query("select user_id from session_ids")).ShouldBe(["young"]);
    }

    [SkippableFact]
    public async Task Old_ones_of_an_earlier_version_are_forgotten_by_their_bytes()
    {
        foreach (var user in Enumerable.Range(0, 10))
        {
            await Store.Execute(Row($"a{user}", new string('x', 100_000)));
        }

        (await Sessions.ForgetBefore(Noon.AddDays(1), None)).ShouldBeTrue();
        (await Store.Query("select 1 from sessions where sequence = 7")).Count.ShouldBe(7);

        while (await Sessions.ForgetBefore(Noon.AddDays(1), None)) { }
        (await Store.Query("select 1 from sessions")).ShouldBeEmpty();
    }

    protected static SessionChange Of(string user, Guid connection, long sequence, params string[] subscriptions) =>
        new(User(user), new("phone"), null, new(connection, sequence), Entries(true, subscriptions).ToDictionary(), Noon);

    private static SessionChange Change(string user, SessionMark from, SessionMark to, params string[] added) =>
        new(User(user), new("phone"), from, to, Entries(true, added).ToDictionary(), Noon);

    private static Dictionary<SessionEntry, bool> Both(string added, string removed) =>
        Entries(true, added).Concat(Entries(false, removed)).ToDictionary();

    private static IEnumerable<KeyValuePair<SessionEntry, bool>> Entries(bool areThere, params string[] users) =>
        users.Select(user => KeyValuePair.Create(new SessionEntry(SessionEntryKind.Subscription, user), areThere));

    /// <summary>As an earlier version wrote it.</summary>
    private static string Row(string user, string subscription) =>
        $"""
            insert into sessions (user_id, device_id, connection, sequence, subscriptions, conversations, saved_at)
            values ('{user}', 'phone', '{First:N}', 7, '["{subscription}"]', '[]', 1)
            """;

    private Task<IReadOnlyList<Session>> Load(params string[] users) =>
        Sessions.Load([.. users.Select(user => (User(user), new DeviceId("phone")))], None);
}
