using System.Data;
using System.Text.Json;
using Presence.Adapters.Sql.Users;

namespace Presence.Adapters.Sql;

/// <summary>Where the SQL of the two databases differs; the rest of it is written once. Many values travel as one parameter, whatever their number, so a statement has one text and one plan.</summary>
internal sealed record Dialect
{
    private const string IsOfRow =
        $"persistence_id = '{SqlUserStore.PersistenceIdPrefix}' || (r.value->>0) and sequence_number <= cast(r.value->>1 as bigint)";

    /// <summary>SQLite.</summary>
    public static Dialect Sqlite { get; } =
        new()
        {
            Ids = "(select value as id from json_each(@ids))",
            AmongIds = "in (select value from json_each(@ids))",
            Rows = "json_each(@rows) as r",
            // Never turned around: "cross join" fixes the order, and the primary key gives each list in its own.
            ContactsOfEach = "cross join contacts c on c.user_id = ids.id",
            FactsOfEach = $"cross join journal j on {IsOfRow}",
            // Begun as "immediate", a transaction has the lock from the start.
            LockDirectory = null,
            LockUsers = null,
            Moment = IsolationLevel.ReadUncommitted,
            SkipLocked = "",
            Now = "cast(unixepoch('subsec') * 1000000 as integer)",
            IdsValue = ids => JsonSerializer.Serialize(ids),
        };

    /// <summary>PostgreSQL.</summary>
    public static Dialect PostgreSql { get; } =
        new()
        {
            Ids = "(select id from unnest(@ids) as u(id))",
            AmongIds = "= any(@ids)",
            Rows = "jsonb_array_elements(@rows::jsonb) as r(value)",
            // With a limit inside, each list is read by the primary key, one after the other, and no plan reads the whole table.
            ContactsOfEach =
                "cross join lateral (select contact_id from contacts where user_id = ids.id order by contact_id limit @most) c",
            FactsOfEach = $"cross join lateral (select * from journal where {IsOfRow} order by sequence_number limit @most) j",
            // A pair is two rows, and two writers that cross could leave one of them: the writers of a directory go one after another, on all nodes.
            LockDirectory = "select pg_advisory_xact_lock(hashtext('presence directory'))",
            // A statement that this node gave up may still run on the server: it is waited for, and nothing comes after.
            // Every writer shares it (refuse_fenced_node). No lock of the tables: a vacuum holds such ones for as long as it runs.
            LockUsers = "select pg_advisory_xact_lock(hashtext('presence users'))",
            Moment = IsolationLevel.RepeatableRead,
            SkipLocked = "for update skip locked",
            Now = "(extract(epoch from clock_timestamp()) * 1000000)::bigint",
            IdsValue = ids => ids.ToArray(),
        };

    /// <summary>The ids of the parameter <c>@ids</c> as a table with the column <c>id</c>.</summary>
    public required string Ids { get; init; }

    /// <summary>Whether what stands before it is one of the parameter <c>@ids</c>.</summary>
    public required string AmongIds { get; init; }

    /// <summary>The rows of the parameter <c>@rows</c> as a table <c>r</c> with the column <c>value</c>, of which <c>value-&gt;&gt;0</c> is the first field.</summary>
    public required string Rows { get; init; }

    /// <summary>Behind <see cref="Ids"/> named <c>ids</c>: the contacts of each, one user after the other, as <c>c</c>, so that a limit of <c>@most</c> ends the reading.</summary>
    public required string ContactsOfEach { get; init; }

    /// <summary>Behind <see cref="Rows"/> of ids and sequence numbers: the journal's rows of each user up to that number, from the first, as <c>j</c>, so that a limit of <c>@most</c> ends the reading.</summary>
    public required string FactsOfEach { get; init; }

    /// <summary>Begins a read that is followed by a write in the same transaction; null where nothing is to be done.</summary>
    public required string? LockDirectory { get; init; }

    /// <summary>Waits until no other writer of the users' tables is at work, and keeps them all out; null where a transaction does so from its start.</summary>
    public required string? LockUsers { get; init; }

    /// <summary>The level of a transaction that only reads, and sees one moment. On SQLite it is this one that begins a plain reading snapshot.</summary>
    public required IsolationLevel Moment { get; init; }

    /// <summary>Ends a select of rows that are to be deleted: those that another transaction has locked are left out.</summary>
    public required string SkipLocked { get; init; }

    /// <summary>The time by the store's own clock, in microseconds since 1970.</summary>
    public required string Now { get; init; }

    /// <summary>The value of the parameter <c>@ids</c>.</summary>
    public required Func<IEnumerable<string>, object> IdsValue { get; init; }

    /// <summary>The value of the parameter <c>@rows</c>.</summary>
    public static string RowsValue(IEnumerable<object?[]> rows) => JsonSerializer.Serialize(rows);
}
