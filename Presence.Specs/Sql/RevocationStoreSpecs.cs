using Presence.Core.Identity;

namespace Presence.Specs.Sql;

public sealed class RevocationsInSqliteSpecs() : RevocationStoreSpecs(null);

[Collection("postgres")]
public sealed class RevocationsInPostgresSpecs(PostgresServer server) : RevocationStoreSpecs(server);

/// <summary>What every store of revocations does.</summary>
public abstract class RevocationStoreSpecs(PostgresServer? server) : StoreSpecs(server)
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Tomorrow = Now.AddDays(1);

    private IRevocationStore Revocations => Store.Get<IRevocationStore>();

    [SkippableFact]
    public async Task Each_comes_back_as_it_was_said()
    {
        Revocation[] said =
        [
            new(User("a"), null, null, Now, Tomorrow),
            new(User("a"), new("phone"), null, Now.AddMicroseconds(7), Tomorrow),
            new(null, null, "token é", Now, Tomorrow),
        ];
        foreach (var revocation in said)
        {
            (await Revocations.Add(revocation, None)).ShouldBeTrue();
        }

        (await Said(DateTimeOffset.UnixEpoch)).ShouldBe(said, ignoreOrder: true);
        (await Said(Now)).ShouldBe([said[1]]);
        (await Revocations.Said(DateTimeOffset.UnixEpoch, Tomorrow, None)).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Said_again_it_holds_as_late_and_as_long_as_either()
    {
        await Revocations.Add(new(User("a"), null, null, Now, Tomorrow.AddDays(1)), None);
        await Revocations.Add(new(User("a"), null, null, Now.AddHours(1), Tomorrow), None);
        await Revocations.Add(new(User("a"), null, null, Now.AddMinutes(1), Tomorrow), None);

        (await Said(DateTimeOffset.UnixEpoch)).ShouldBe([new(User("a"), null, null, Now.AddHours(1), Tomorrow.AddDays(1))]);
    }

    [SkippableFact]
    public async Task Those_that_are_over_are_forgotten_as_new_ones_come()
    {
        await Revocations.Add(new(User("a"), null, null, Now, Now.AddHours(1)), None);

        await Revocations.Add(new(User("b"), null, null, Now.AddHours(2), Tomorrow), None);

        (await Store.Query("select user_id from revocations")).ShouldBe(["b"]);
    }

    private Task<IReadOnlyList<Revocation>> Said(DateTimeOffset since) => Revocations.Said(since, Now, None);
}
