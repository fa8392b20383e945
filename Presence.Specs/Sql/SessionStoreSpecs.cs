using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Specs.Sql;

public sealed class SessionsInSqliteSpecs() : SessionStoreSpecs(null);

[Collection("postgres")]
public sealed class SessionsInPostgresSpecs(PostgresServer server) : SessionStoreSpecs(server)
{
    [SkippableFact]
    public async Task Old_ones_are_forgotten_also_while_another_node_saves_one_of_them()
    {
        await Sessions.Save([Of("a", First, 1), Of("b", First, 1)], None);
        await using var connection = new Npgsql.NpgsqlConnection(Store.Options.ConnectionString);
        await connection.OpenAsync();
        await using var saving = await connection.BeginTransactionAsync();
        await using var save = connection.CreateCommand();
        save.CommandText = "update sessions set sequence = 2 where user_id = 'a'";
        await save.ExecuteNonQueryAsync();

        await Sessions.ForgetBefore(Noon.AddDays(1), None);

        (await Store.Query("select user_id from sessions")).ShouldBe(["a"]);
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
        var saved = new Session(User("a"), new("phone"), First, 7, Users("b", "c@d.e"), [Room("r:1")], Noon.AddMicroseconds(123_456));

        await Sessions.Save([saved], None);

        var loaded = (await Load("a")).ShouldHaveSingleItem();
        loaded.ShouldBe(saved with { Subscriptions = loaded.Subscriptions, Conversations = loaded.Conversations });
        loaded.Subscriptions.ShouldBe(saved.Subscriptions);
        loaded.Conversations.ShouldBe(saved.Conversations);
    }

    [SkippableFact]
    public async Task Many_are_loaded_at_once_and_who_has_none_is_absent()
    {
        await Sessions.Save([Of("a", First, 1), Of("b", First, 1), Of("c", First, 1)], None);

        (await Load("a", "x", "c")).Select(session => session.UserId).ShouldBe(Users("a", "c"), ignoreOrder: true);
        (await Sessions.Load([(User("a"), new("laptop"))], None)).ShouldBeEmpty();
        (await Sessions.Load([], None)).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task A_later_change_of_a_connection_stays_when_an_earlier_one_arrives_after_it()
    {
        await Sessions.Save([Of("a", First, 5, "five")], None);

        await Sessions.Save([Of("a", First, 4, "four")], None);
        (await Load("a")).Single().Subscriptions.ShouldBe(Users("five"));

        await Sessions.Save([Of("a", First, 6, "six")], None);
        (await Load("a")).Single().Subscriptions.ShouldBe(Users("six"));
    }

    [SkippableFact]
    public async Task Another_connection_of_the_device_replaces_the_session_whatever_its_sequence()
    {
        await Sessions.Save([Of("a", First, 5, "old")], None);

        await Sessions.Save([Of("a", Second, 1, "new")], None);

        (await Load("a")).Single().Subscriptions.ShouldBe(Users("new"));
    }

    [SkippableFact]
    public async Task Of_several_changes_saved_at_once_the_last_one_stays()
    {
        await Sessions.Save([Of("a", First, 1, "one"), Of("a", First, 3, "three"), Of("a", First, 2, "two")], None);
        (await Load("a")).Single().Subscriptions.ShouldBe(Users("three"));

        await Sessions.Save([Of("a", First, 4, "four"), Of("a", Second, 1, "other")], None);
        (await Load("a")).Single().Subscriptions.ShouldBe(Users("other"));
    }

    [SkippableFact]
    public async Task Old_ones_are_forgotten_however_many_they_are()
    {
        var old = Enumerable.Range(0, 6_000).Select(number => Of($"old{number}", First, 1) with { SavedAt = Noon.AddMinutes(-3) });
        await Sessions.Save([.. old, Of("young", First, 1)], None);

        await Sessions.ForgetBefore(Noon, None);

        (await Store.Query("select user_id from sessions")).ShouldBe(["young"]);
    }

    protected static Session Of(string user, Guid connection, long sequence, params string[] subscriptions) =>
        new(User(user), new("phone"), connection, sequence, Users(subscriptions), [], Noon);

    private Task<IReadOnlyList<Session>> Load(params string[] users) =>
        Sessions.Load([.. users.Select(user => (User(user), new DeviceId("phone")))], None);
}
