using Microsoft.Extensions.DependencyInjection;
using Presence.Core.Cluster;
using Presence.Core.Contacts;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Events;
using Presence.Core.Sessions;
using Presence.Core.Users;
using Presence.Specs.Support;

namespace Presence.Specs.Sql;

public sealed class ArchiveInSqliteSpecs() : UserArchiveSpecs(null);

[Collection("postgres")]
public sealed class ArchiveInPostgresSpecs(PostgresServer server) : UserArchiveSpecs(server)
{
    [SkippableFact]
    public async Task It_waits_for_a_writer_that_was_begun_and_erases_what_that_wrote()
    {
        await Keep("a");
        await using var connection = new Npgsql.NpgsqlConnection(Store.Options.ConnectionString);
        await connection.OpenAsync();
        await using var late = await connection.BeginTransactionAsync();
        await using var write = connection.CreateCommand();
        write.CommandText = JournalRow("a", 3, "late");
        await write.ExecuteNonQueryAsync();

        var erasing = Archive.Erase(User("a"), None);
        await Store.Eventually("select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%presence users%'");
        await late.CommitAsync();
        await erasing;

        (await Store.Query("select 1 from journal")).ShouldBeEmpty();
    }

    /// <summary>A vacuum holds these locks for as long as it runs.</summary>
    [SkippableFact]
    public async Task It_erases_while_the_tables_are_vacuumed()
    {
        await Keep("a");
        await using var connection = new Npgsql.NpgsqlConnection(Store.Options.ConnectionString);
        await connection.OpenAsync();
        await using var vacuum = await connection.BeginTransactionAsync();
        await using var locks = connection.CreateCommand();
        locks.CommandText =
            "lock table journal, users, devices, contacts, participants, sessions, session_ids, tickets, events in share update exclusive mode";
        await locks.ExecuteNonQueryAsync();

        await Archive.Erase(User("a"), None);

        (await Store.Query("select 1 from journal")).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task A_role_that_owns_nothing_may_erase_once_it_was_granted_what_the_page_says()
    {
        await Keep("a");
        var role = "role_" + Guid.NewGuid().ToString("N");
        await Store.Execute($"create role {role} login");
        try
        {
            await Store.Execute(Repository.Read("deploy/sql/grants.sql").Replace(":\"role\"", role, StringComparison.Ordinal));
            await Store.Execute(
                $"alter database \"{new Npgsql.NpgsqlConnectionStringBuilder(Store.Options.ConnectionString).Database}\" set role {role}"
            );
            await using var stores = Store.Services(NodeName.New());

            await stores.GetRequiredService<IUserArchive>().Erase(User("a"), None);

            (await Store.Query("select current_user")).ShouldBe([role]);
            (await Store.Query("select 1 from journal")).ShouldBeEmpty();
        }
        finally
        {
            await Store.Execute($"set role none; drop owned by {role}; drop role {role}");
        }
    }

    [SkippableFact]
    public async Task A_writer_that_does_not_end_makes_it_unavailable_and_nothing_is_erased()
    {
        await Keep("a");
        await using var connection = new Npgsql.NpgsqlConnection(Store.Options.ConnectionString);
        await connection.OpenAsync();
        await using var late = await connection.BeginTransactionAsync();
        await using var write = connection.CreateCommand();
        write.CommandText = JournalRow("a", 3, "late");
        await write.ExecuteNonQueryAsync();

        await Should.ThrowAsync<StoreUnavailableException>(() => Archive.Erase(User("a"), None));
        await late.RollbackAsync();

        (await Archive.Export(User("a"), None)).Journal.Count.ShouldBe(2);
    }
}

/// <summary>What every archive does: hands out all that is kept of a user, and erases it.</summary>
public abstract class UserArchiveSpecs(PostgresServer? server) : StoreSpecs(server)
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly bool _onFile = server is null;

    protected IUserArchive Archive => Store.Get<IUserArchive>();

    [SkippableFact]
    public async Task All_that_is_kept_is_handed_out()
    {
        await Keep("a");
        await Keep("b");

        var kept = await Archive.Export(User("a"), None);

        kept.Journal.Select(entry => (entry.Sequence, entry.Manifest)).ShouldBe([(1, "status-chosen"), (2, "privacy-chosen")]);
        kept.Journal[0].Content.ToArray().ShouldBe("a-fact"u8.ToArray());
        kept.Profile!.CustomStatus.ShouldBe("text of a");
        kept.LastSeenAt.ShouldBe(Noon);
        kept.Devices.Select(device => device.DeviceId.Value).ShouldBe(["phone-of-a"]);
        kept.Contacts.ShouldBe(Users("friend-of-a"));
        kept.Conversations.ShouldBe([Room("room-of-a")]);
        kept.Events.Select(posted => posted.Id.Value).ShouldBe(["to-a"]);
        kept.Sent.Select(sent => (sent.Recipient.Value, sent.Event.Id.Value)).ShouldBe([("somebody", "from-a")]);
        kept.Sessions.Select(session => session.DeviceId.Value).ShouldBe(["phone-of-a"]);
    }

    [SkippableFact]
    public async Task Of_one_nobody_heard_of_there_is_nothing_to_hand_out()
    {
        var kept = await Archive.Export(User("a"), None);

        kept.ShouldBe(
            new(User("a"), kept.Journal, null, null, kept.Devices, kept.Contacts, kept.Conversations, kept.Events, kept.Sent, kept.Sessions)
        );
        new[] { kept.Journal.Count, kept.Devices.Count, kept.Contacts.Count, kept.Events.Count, kept.Sessions.Count }.Sum().ShouldBe(0);
    }

    [SkippableFact]
    public async Task All_of_one_is_erased_and_nothing_of_another()
    {
        await Keep("a");
        await Keep("b");

        var erased = await Archive.Erase(User("a"), None);

        erased.Contacts.ShouldBe(Users("friend-of-a"));
        erased.Conversations.ShouldBe([Room("room-of-a")]);
        foreach (var (table, column) in await ColumnsWithIds())
            (await Store.Query($"select {column} from {table} where {column} in ('a', 'user-a', 'friend-of-a')")).ShouldBeEmpty(table);

        var kept = await Archive.Export(User("b"), None);
        kept.Journal.Count.ShouldBe(2);
        kept.Devices.Count.ShouldBe(1);
        kept.Contacts.ShouldBe(Users("friend-of-b"));
        kept.Conversations.ShouldBe([Room("room-of-b")]);
        kept.Events.Select(posted => posted.Id.Value).ShouldBe(["to-b"]);
        kept.Sent.Count.ShouldBe(1);
        kept.Sessions.Count.ShouldBe(1);
    }

    [SkippableFact]
    public async Task Again_there_is_nothing_left_to_erase()
    {
        await Keep("a");
        await Archive.Erase(User("a"), None);

        var again = await Archive.Erase(User("a"), None);

        (again.Contacts.Count + again.Conversations.Count).ShouldBe(0);
    }

    /// <summary>Whoever adds a table, or a column, with a user's id looks at what is erased.</summary>
    [SkippableFact]
    public async Task Every_column_that_may_hold_a_users_id_is_known_to_who_erases()
    {
        string[] known =
        [
            "contacts.contact_id",
            "contacts.user_id",
            "devices.user_id",
            "events.sender",
            "events.user_id",
            "journal.persistence_id",
            "participants.user_id",
            // Kept, and for as long as they hold: a stolen token must not bring back who was erased.
            "revocations.user_id",
            "session_ids.user_id",
            "sessions.user_id",
            "tickets.subject",
            "tickets.user_id",
            "users.user_id",
        ];
        // None of these has anything of a user: who shut out whom, how far the journal was cut, keys, and the scripts that ran.
        string[] others = ["fenced_nodes", "journal_walk", "shared_clock", "secrets", "schemaversions", "sqlite_sequence"];

        (await ColumnsWithIds()).Select(column => $"{column.Table}.{column.Column}").Order(StringComparer.Ordinal).ShouldBe(known);
        (await Tables())
            .Except(others, StringComparer.OrdinalIgnoreCase)
            .Order(StringComparer.Ordinal)
            .ShouldBe(known.Select(name => name.Split('.')[0]).Distinct());
    }

    /// <summary>A row in every table.</summary>
    protected async Task Keep(string user)
    {
        var id = User(user);
        var profile = new Profile
        {
            CustomStatus = $"text of {user}",
            ChosenAt = Noon,
            Privacy = new() { Blocked = [new("eve")] },
        };
        var device = new DeviceId($"phone-of-{user}");
        await Store
            .Get<IUserStore>()
            .Save(new([new(id, profile, 2)], [new(id, Noon, true)], [new(id, device, new("name", "type", "web", "1"), Noon, Noon)]), None);
        await Store.Get<IContactDirectory>().Add(id, User($"friend-of-{user}"), None);
        await Store.Get<IConversationDirectory>().Replace([new(Room($"room-of-{user}"), [id, User("somebody")])], None);
        await Store
            .Get<ISessionStore>()
            .Save(
                [
                    new(
                        id,
                        device,
                        null,
                        new(Guid.NewGuid(), 1),
                        new Dictionary<SessionEntry, bool> { [new(SessionEntryKind.Subscription, "x")] = true },
                        Noon
                    ),
                ],
                None
            );
        var events = Store.Get<IEventStore>();
        await events.Append(Event($"to-{user}", null), [id], 10, None);
        await events.Append(Event($"from-{user}", id), [User("somebody")], 10, None);
        await Store.Execute(JournalRow(user, 1, "status-chosen"));
        await Store.Execute(JournalRow(user, 2, "privacy-chosen"));
    }

    private static PostedEvent Event(string id, UserId? sender) =>
        new(new(id), "note", new("{}"), sender, Noon, Noon.AddYears(10), Durable: true);

    protected string JournalRow(string user, int sequence, string manifest)
    {
        var bytes = Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes($"{user}-fact"));
        var (deleted, message) = _onFile ? ("0", $"x'{bytes}'") : ("false", $"'\\x{bytes}'");
        return $"""
            insert into journal (created, deleted, persistence_id, sequence_number, message, manifest, identifier)
            values (0, {deleted}, 'user-{user}', {sequence}, {message}, '{manifest}', 8085)
            """;
    }

    private async Task<List<string>> Tables() =>
        await Store.Query(
            _onFile
                ? "select name from sqlite_master where type = 'table'"
                : "select table_name from information_schema.tables where table_schema = 'public'"
        );

    private async Task<List<(string Table, string Column)>> ColumnsWithIds()
    {
        var columns = await Store.Query(
            _onFile
                ? "select m.name, c.name from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table'"
                : "select table_name, column_name from information_schema.columns where table_schema = 'public'"
        );
        return
        [
            .. columns
                .Select(row => (Table: row.Split('|')[0], Column: row.Split('|')[1]))
                .Where(column =>
                    column.Column is "contact_id" or "sender" or "persistence_id" or "subject" or "owner"
                    || column.Column.Contains("user", StringComparison.Ordinal)
                ),
        ];
    }
}
