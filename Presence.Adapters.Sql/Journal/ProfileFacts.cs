using System.Data.Common;
using Dapper;
using Presence.Actors.Serialization;
using Presence.Adapters.Sql.Users;
using Presence.Core.Users;

namespace Presence.Adapters.Sql.Journal;

/// <summary>The facts of profiles, as they are in the journal's table: reads what a projection has not seen, and cuts what is superseded.</summary>
/// <remarks>Each fact is whole. So of each kind the last one tells everything, and the others may go.</remarks>
internal sealed class ProfileFacts(Dialect dialect)
{
    /// <summary>Facts that are deleted of users with a long journal beside something else that is written: some milliseconds' worth.</summary>
    public const int Piece = 500;

    /// <summary>Facts of one user that are looked at in any case: the last of each kind, which stay, and as many again, so that what comes steadily goes as fast.</summary>
    private const int Looked = 4;

    private const string Kinds = "'status-chosen', 'privacy-chosen'";

    /// <summary>Of each kind the last one above the given number, found from the end of the user's range in the journal's unique index.</summary>
    private readonly string _tail = $"""
        select r.value->>0, j.sequence_number, j.manifest, j.message
        from {dialect.Rows} cross join (select 'status-chosen' as name union all select 'privacy-chosen') kinds cross join journal j
        where j.persistence_id = '{SqlUserStore.PersistenceIdPrefix}' || (r.value->>0)
            and j.sequence_number = (
                select l.sequence_number from journal l
                where l.persistence_id = '{SqlUserStore.PersistenceIdPrefix}' || (r.value->>0)
                    and l.sequence_number > cast(r.value->>1 as bigint) and l.manifest = kinds.name
                order by l.sequence_number desc limit 1
            )
        order by j.sequence_number
        """;

    /// <summary>Looks at no more than <c>@most</c> facts. Of those, all go that are followed by one of the same kind. Without the word <c>materialized</c> SQLite sorts the user's whole journal first, for seconds where that has a million facts.</summary>
    private readonly string _cut = $"""
        delete from journal where ordering in (
            with looked as materialized (
                select j.ordering, j.persistence_id, j.manifest, j.sequence_number
                from {dialect.Rows} {dialect.FactsOfEach}
                where j.manifest in ({Kinds})
                limit @most
            )
            select ordering from (
                select ordering, row_number() over (partition by persistence_id, manifest order by sequence_number desc) as place
                from looked
            ) as ranked where place > 1
        )
        """;

    /// <summary>Deletes superseded facts of those users up to a number each; at least one where there is any, and no more than a short piece. Answers with how many.</summary>
    public Task<int> Cut(
        DbTransaction transaction,
        IReadOnlyCollection<(string User, long UpTo)> users,
        CancellationToken cancellation,
        int piece = Piece
    ) =>
        users.Count == 0
            ? Task.FromResult(0)
            : transaction.Execute(
                _cut,
                new
                {
                    rows = Dialect.RowsValue(users.Select(user => new object?[] { user.User, user.UpTo })),
                    most = (users.Count * Looked) + piece,
                },
                cancellation
            );

    /// <summary>Folds into each row what its projection has not seen.</summary>
    public async Task Fold(DbConnection connection, Dictionary<UserId, UserRow> rows, CancellationToken cancellation)
    {
        var behind = rows.Values.Where(row => row.ProjectedSequence < row.JournalSequence).ToList();
        if (behind.Count == 0)
        {
            return;
        }

        foreach (var row in behind)
        {
            rows[row.UserId] = row with { JournalSequence = row.ProjectedSequence };
        }

        var projections = Dialect.RowsValue(behind.Select(row => new object?[] { row.UserId.Value, row.ProjectedSequence }));
        var command = new CommandDefinition(_tail, new { rows = projections }, cancellationToken: cancellation);
        await using var reader = await connection.ExecuteReaderAsync(command);
        while (await reader.ReadAsync(cancellation))
        {
            var row = rows[new(reader.GetString(0))];
            var fact = PresenceSerializer.ReadFact(reader.GetString(2), reader.GetFieldValue<byte[]>(3));
            rows[row.UserId] = row with { Profile = fact is null ? null : row.Profile?.Apply(fact), JournalSequence = reader.GetInt64(1) };
        }

        // Above the last fact that is known there is one that isn't.
        foreach (var row in behind.Where(row => rows[row.UserId].JournalSequence < row.JournalSequence))
        {
            rows[row.UserId] = row with { Profile = null };
        }
    }
}
