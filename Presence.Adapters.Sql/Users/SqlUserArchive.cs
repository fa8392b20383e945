using System.Data.Common;
using Presence.Adapters.Sql.Events;
using Presence.Adapters.Sql.Journal;
using Presence.Adapters.Sql.Sessions;
using Presence.Core.Conversations;
using Presence.Core.Users;

namespace Presence.Adapters.Sql.Users;

/// <summary>One user over all tables. A table that gets a column with a user's id is to be named here; a spec looks for one that is not.</summary>
internal sealed class SqlUserArchive(Database database) : IUserArchive
{
    private const string PersistenceId = $"'{SqlUserStore.PersistenceIdPrefix}' || @user";

    /// <summary>Of each kind the last fact, among the newest: what is older is in the profile, and a journal that grew before journals were cut has any length.</summary>
    private const string Journal = $"""
        with newest as materialized (
            select ordering, manifest, sequence_number from journal where persistence_id = {PersistenceId}
            order by sequence_number desc limit 500
        ),
        last as (select manifest, max(sequence_number) as number from newest group by manifest)
        select n.sequence_number, n.manifest, j.message
        from last join newest n on n.manifest = last.manifest and n.sequence_number = last.number join journal j on j.ordering = n.ordering
        order by n.sequence_number
        """;

    private const string Profile = "select profile, last_seen_at from users where user_id = @user";
    private const string Contacts = "select contact_id from contacts where user_id = @user order by contact_id";
    private const string Conversations = "select conversation_id from participants where user_id = @user order by conversation_id";

    /// <summary>In the order in which all writers take their locks. A pair of contacts is two rows; the other's is found by its key.</summary>
    private static readonly string[] Erasures =
    [
        "delete from contacts where (user_id, contact_id) in (select contact_id, user_id from contacts where user_id = @user)",
        "delete from contacts where user_id = @user",
        "delete from participants where user_id = @user",
        $"delete from journal where persistence_id = {PersistenceId}",
        "delete from users where user_id = @user",
        "delete from devices where user_id = @user",
        "delete from session_ids where user_id = @user",
        "delete from sessions where user_id = @user",
        "delete from tickets where user_id = @user or subject = @user",
        "delete from events where user_id = @user or sender = @user",
    ];

    private readonly ProfileFacts _facts = new(database.Dialect);

    /// <inheritdoc/>
    public Task<KeptOfUser> Export(UserId user, CancellationToken cancellation) =>
        database.Read(connection => Export(connection, user, cancellation), cancellation);

    /// <inheritdoc/>
    public async Task<ErasedFrom> Erase(UserId user, CancellationToken cancellation)
    {
        await Cut(user, cancellation);
        var parameters = new { user = user.Value };
        var erased = await database.Write(
            async transaction =>
            {
                await transaction.LockDirectory(database.Dialect, cancellation);
                if (database.Dialect.LockUsers is { } lockUsers)
                {
                    await transaction.Execute(lockUsers, null, cancellation);
                }

                var contacts = await Texts(transaction, Contacts, parameters, cancellation);
                var conversations = await Texts(transaction, Conversations, parameters, cancellation);
                foreach (var erasure in Erasures)
                {
                    await transaction.Execute(erasure, parameters, cancellation);
                }

                return new ErasedFrom([.. contacts.Select(id => new UserId(id))], [.. conversations.Select(id => new ConversationId(id))]);
            },
            cancellation
        );
        await database.Scrub(cancellation);
        return erased;
    }

    /// <summary>A journal that grew before journals were cut has any length: superseded facts go first, in short transactions, so that the one that follows is short too.</summary>
    private async Task Cut(UserId user, CancellationToken cancellation)
    {
        while (await database.Write(Piece, cancellation) > 0)
        {
            // The next one.
        }

        Task<int> Piece(DbTransaction transaction) =>
            _facts.Cut(transaction, [(user.Value, long.MaxValue)], cancellation, Commands.RowsAtOnce);
    }

    private async Task<KeptOfUser> Export(DbConnection connection, UserId user, CancellationToken cancellation)
    {
        await using var moment = await connection.BeginTransactionAsync(database.Dialect.Moment, cancellation);
        var parameters = new { user = user.Value };
        var journal = await moment.Rows(Journal, parameters, Entry, cancellation);
        var profiles = await moment.Rows(Profile, parameters, row => (Text(row, 0), Time(row, 1)), cancellation);
        var devices = await moment.Rows(SqlUserStore.SelectDevices, parameters, row => SqlUserStore.Device(user, row), cancellation);
        var events = await moment.Rows(SqlEventStore.SelectOf("user_id"), parameters, SqlEventStore.Read, cancellation);
        var sent = await moment.Rows(
            SqlEventStore.SelectOf("sender"),
            parameters,
            row => new SentEvent(new UserId(row.GetString(0)), SqlEventStore.Read(row)),
            cancellation
        );
        var sessions = await SqlSessionStore.Of(moment, user, cancellation);
        var contacts = await Texts(moment, Contacts, parameters, cancellation);
        var conversations = await Texts(moment, Conversations, parameters, cancellation);
        var (profile, lastSeenAt) = profiles.SingleOrDefault();
        return new(
            user,
            journal,
            profile is null ? null : ProfileJson.Read(profile),
            lastSeenAt,
            devices,
            [.. contacts.Select(id => new UserId(id))],
            [.. conversations.Select(id => new ConversationId(id))],
            events,
            [.. sent.Where(letter => letter.Recipient != user)],
            sessions
        );
    }

    private static async Task<List<string>> Texts(
        DbTransaction transaction,
        string sql,
        object parameters,
        CancellationToken cancellation
    ) => await transaction.Rows(sql, parameters, row => row.GetString(0), cancellation);

    private static JournalEntry Entry(DbDataReader row) => new(row.GetInt64(0), Text(row, 1) ?? "", row.GetFieldValue<byte[]>(2));

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static DateTimeOffset? Time(DbDataReader row, int column) => row.IsDBNull(column) ? null : Times.Time(row.GetInt64(column));
}
