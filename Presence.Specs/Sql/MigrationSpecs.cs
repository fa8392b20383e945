namespace Presence.Specs.Sql;

public sealed class MigrationsOfSqliteSpecs() : MigrationSpecs(null)
{
    protected override string Shape =>
        "select 'column', name, type, \"notnull\", pk from pragma_table_info('journal') union all "
        + "select 'index', i.name, i.\"unique\", group_concat(c.name), '' from pragma_index_list('journal') i, pragma_index_info(i.name) c group by i.name "
        + "union all select 'keyword', sql like '%autoincrement%', '', '', '' from sqlite_master where name = 'journal' order by 1, 2";
}

[Collection("postgres")]
public sealed class MigrationsOfPostgresSpecs(PostgresServer server) : MigrationSpecs(server)
{
    protected override string Shape =>
        "select 'column', column_name, data_type || coalesce('(' || character_maximum_length || ')', ''), is_nullable, identity_generation "
        + "from information_schema.columns where table_name = 'journal' "
        + "union all select 'index', indexname, indexdef, '', '' from pg_indexes where tablename = 'journal' order by 1, 2";
}

/// <summary>What migrations do to every kind of store.</summary>
public abstract class MigrationSpecs(PostgresServer? server)
{
    /// <summary>Columns and indexes of the journal, a row each.</summary>
    protected abstract string Shape { get; }

    [SkippableFact]
    public async Task An_empty_store_is_migrated_and_a_second_start_changes_nothing()
    {
        await using var store = await FreshStore.Make(server, prepared: false);
        await store.Prepare();
        await store.Execute("insert into contacts (user_id, contact_id) values ('a', 'b')");
        var scripts = await store.Query("select scriptname from schemaversions order by 1");

        await store.Prepare();

        scripts.ShouldBe([
            "0001-journal.sql",
            "0002-users-and-directories.sql",
            "0003-cluster.sql",
            "0004-events.sql",
            "0005-tickets-and-revocations.sql",
            "0006-erasure.sql",
            // SQLite lets in one writer at a time anyway.
            .. server is null ? Array.Empty<string>() : ["0007-erasure-beside-a-vacuum.sql"],
            "0008-journal-walk.sql",
            "0009-session-ids.sql",
            "0011-shared-clock.sql",
            "0013-device-activity.sql",
        ]);
        (await store.Query("select scriptname from schemaversions order by 1")).ShouldBe(scripts);
        (await store.Query("select * from contacts")).ShouldBe(["a|b"]);
    }

    [SkippableFact]
    public async Task The_journals_table_is_what_the_journal_would_have_made_for_itself()
    {
        await using var migrated = await FreshStore.Make(server);
        await using var byPlugin = await FreshStore.Make(server, prepared: false);
        await LetThePluginMakeIts(byPlugin);

        (await migrated.Query(Shape)).ShouldBe(await byPlugin.Query(Shape));
    }

    private static async Task LetThePluginMakeIts(FreshStore store)
    {
        await using var host = await JournalHost.Start(store.Options, "akka.persistence.journal.sql.auto-initialize = on");
        (await host.Write("user-a", "x")).ShouldBeNull();
    }
}
