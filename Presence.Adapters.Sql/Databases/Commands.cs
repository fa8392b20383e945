using System.Data.Common;
using Dapper;

namespace Presence.Adapters.Sql;

/// <summary>Statements over many ids or rows.</summary>
internal static class Commands
{
    /// <summary>Rows a statement carries at most: keeps its parameter under some hundred KB, and each statement well within its timeout.</summary>
    public const int RowsAtOnce = 5_000;

    /// <summary>Runs the statement over all rows, in as many goes as it takes; answers with the number of rows it changed.</summary>
    public static async Task<int> ExecuteRows(
        this DbTransaction transaction,
        string sql,
        IEnumerable<object?[]> rows,
        CancellationToken cancellation
    )
    {
        var changed = 0;
        foreach (var some in rows.Chunk(RowsAtOnce))
        {
            changed += await transaction.Execute(sql, new { rows = Dialect.RowsValue(some) }, cancellation);
        }

        return changed;
    }

    /// <summary>Runs the statement; answers with the number of rows it changed.</summary>
    public static Task<int> Execute(this DbTransaction transaction, string sql, object? parameters, CancellationToken cancellation) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(sql, parameters, transaction, cancellationToken: cancellation));

    /// <summary>Runs the query; its rows, each read as told.</summary>
    public static async Task<List<T>> Rows<T>(
        this DbTransaction transaction,
        string sql,
        object parameters,
        Func<DbDataReader, T> read,
        CancellationToken cancellation
    )
    {
        var command = new CommandDefinition(sql, parameters, transaction, cancellationToken: cancellation);
        await using var reader = await transaction.Connection!.ExecuteReaderAsync(command);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>Waits until no other writer of a directory is at work.</summary>
    public static Task LockDirectory(this DbTransaction transaction, Dialect dialect, CancellationToken cancellation) =>
        dialect.LockDirectory is { } sql ? transaction.Execute(sql, null, cancellation) : Task.CompletedTask;
}
