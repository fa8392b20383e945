using Presence.Core.Cluster;

namespace Presence.Specs.Sql;

public sealed class ClockInSqliteSpecs() : ClockStoreSpecs(null);

[Collection("postgres")]
public sealed class ClockInPostgresSpecs(PostgresServer server) : ClockStoreSpecs(server);

/// <summary>What every store of the shared clock's mark does.</summary>
public abstract class ClockStoreSpecs(PostgresServer? server) : StoreSpecs(server)
{
    private const long Mark = 1_800_000_000_000_000;

    /// <summary>Longer than this no spec takes between two calls, in microseconds.</summary>
    private const long Soon = 60_000_000;

    private IClockStore Clock => Store.Get<IClockStore>();

    [SkippableFact]
    public async Task Where_no_mark_was_raised_there_is_none() => (await Clock.Read(None)).ShouldBe(0);

    [SkippableFact]
    public async Task A_mark_goes_on_with_the_stores_own_clock()
    {
        await Clock.Raise(Mark, None);

        var first = await Clock.Read(None);
        await Task.Delay(20);
        var second = await Clock.Read(None);

        first.ShouldBeInRange(Mark, Mark + Soon);
        second.ShouldBeInRange(first + 10_000, first + Soon);
    }

    [SkippableFact]
    public async Task A_lower_mark_changes_nothing()
    {
        await Clock.Raise(Mark, None);
        await Clock.Raise(Mark - Soon, None);

        (await Clock.Read(None)).ShouldBeInRange(Mark, Mark + Soon);
    }

    [SkippableFact]
    public async Task Where_the_stores_clock_was_set_back_the_mark_is_above_all_that_was_given_out_after_it()
    {
        await Clock.Raise(Mark, None);
        await Store.Query("update shared_clock set raised_at = raised_at + 3600000000 returning 1");

        (await Clock.Read(None)).ShouldBe(Mark + 10_000_000);
    }
}
