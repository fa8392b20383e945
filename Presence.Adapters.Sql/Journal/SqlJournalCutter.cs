using System.Data.Common;
using Presence.Actors.Users;
using Presence.Adapters.Sql.Users;
using Presence.Core.Cluster;
using Presence.Core.Users;

namespace Presence.Adapters.Sql.Journal;

/// <summary>Walks over the journal by <c>ordering</c>. How far it is stands in <c>journal_walk</c>, whose row is locked for a step: nodes take turns.</summary>
internal sealed class SqlJournalCutter(Database database, NodeName node) : IJournalCutter
{
    /// <summary>Rows that a step looks at, and cuts: some tens of milliseconds' worth.</summary>
    private const int Window = 2_000;

    private const string Ended = "select ended from journal_walk where id = 1";
    private const string Next = "select ordering, persistence_id from journal where ordering > @walked order by ordering limit @window";
    private const string Advance = "update journal_walk set walked = @walked, ended = @ended where id = 1";
    private const string Forget = "delete from journal where persistence_id = @id";

    private readonly ProfileFacts _facts = new(database.Dialect);
    private readonly string _walked = $"select walked from journal_walk where id = 1 and ended = 0 {database.Dialect.SkipLocked}";

    /// <inheritdoc/>
    public Task<bool> CutNext(CancellationToken cancellation) =>
        database.Write(
            async transaction =>
            {
                await transaction.Execute(Forget, new { id = JournalWarmUp.PersistenceIdPrefix + node.Value }, cancellation);
                var walked = await transaction.Rows(_walked, new { }, row => row.GetInt64(0), cancellation);
                return walked.Count == 0
                    ? (await transaction.Rows(Ended, new { }, row => row.GetInt64(0), cancellation)).Contains(0)
                    : await Step(transaction, walked[0], cancellation);
            },
            cancellation
        );

    /// <summary>Stays where it is as long as there is something to cut of the users it finds there.</summary>
    private async Task<bool> Step(DbTransaction transaction, long walked, CancellationToken cancellation)
    {
        var found = await transaction.Rows(
            Next,
            new { walked, window = Window },
            row => (Ordering: row.GetInt64(0), Id: row.GetString(1)),
            cancellation
        );
        var ids = found.Select(row => row.Id).Distinct(StringComparer.Ordinal).ToList();
        foreach (var id in ids.Where(id => id.StartsWith(JournalWarmUp.PersistenceIdPrefix, StringComparison.Ordinal)))
        {
            await transaction.Execute(Forget, new { id }, cancellation);
        }

        var users = ids.Where(id => id.StartsWith(SqlUserStore.PersistenceIdPrefix, StringComparison.Ordinal))
            .Select(id => (id[SqlUserStore.PersistenceIdPrefix.Length..], long.MaxValue))
            .ToList();
        if (await _facts.Cut(transaction, users, cancellation, Window) == 0)
        {
            var last = found.Count == 0 ? walked : found[^1].Ordering;
            await transaction.Execute(Advance, new { walked = last, ended = found.Count == 0 ? 1 : 0 }, cancellation);
        }

        return found.Count > 0;
    }
}
