using Presence.Core.Events;

namespace Presence.Specs.Sql;

public sealed class EventsInSqliteSpecs() : EventStoreSpecs(null);

[Collection("postgres")]
public sealed class EventsInPostgresSpecs(PostgresServer server) : EventStoreSpecs(server);

/// <summary>What every store of events does.</summary>
public abstract class EventStoreSpecs(PostgresServer? server) : StoreSpecs(server)
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    private IEventStore Events => Store.Get<IEventStore>();

    [SkippableFact]
    public async Task An_event_waits_for_each_recipient_as_it_was_sent()
    {
        var sent = Event("e1") with { Payload = new("""{"text":"\u0000 \"é\"","n":1.50,"a":[{},null]}"""), Sender = User("s") };
        (await Append(sent, "a", "b")).ShouldBe(0);

        var pending = await Events.Pending(Users("a", "b", "c"), Now, None);

        pending.Keys.ShouldBe(Users("a", "b"), ignoreOrder: true);
        pending[User("a")].ShouldBe([sent]);
        pending[User("b")].ShouldBe([sent]);
        (await Events.Pending([], Now, None)).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Events_come_in_the_order_in_which_they_were_stored()
    {
        foreach (var id in new[] { "z", "Y", "a" })
        {
            await Append(Event(id), "a", "b");
        }

        (await Waiting("a")).ShouldBe(["z", "Y", "a"]);
        (await Waiting("b")).ShouldBe(["z", "Y", "a"]);
    }

    [SkippableFact]
    public async Task What_a_device_has_acknowledged_waits_for_that_user_no_more()
    {
        await Append(Event("e1"), "a", "b");
        await Append(Event("e2"), "a");

        await Events.Acknowledge([new(User("a"), new("e1")), new(User("a"), new("never")), new(User("c"), new("e2"))], None);
        await Events.Acknowledge([], None);

        (await Waiting("a")).ShouldBe(["e2"]);
        (await Waiting("b")).ShouldBe(["e1"]);
    }

    [SkippableFact]
    public async Task One_that_is_not_durable_stays_for_another_device_that_comes_back()
    {
        await Append(Event("e1") with { Durable = false }, "a");

        await Events.Acknowledge([new(User("a"), new("e1"))], None);

        (await Waiting("a")).ShouldBe(["e1"]);
    }

    [SkippableFact]
    public async Task What_has_expired_is_not_returned_and_goes()
    {
        await Append(Event("e1") with { ExpiresAt = Now.AddSeconds(1) }, "a", "b");
        await Append(Event("e2"), "a");

        (await Waiting("a", Now.AddSeconds(1))).ShouldBe(["e2"]);
        (await Events.ForgetExpired(Now.AddSeconds(1), None)).ShouldBeTrue();
        (await Events.ForgetExpired(Now.AddSeconds(1), None)).ShouldBeFalse();
        (await Store.Query("select user_id, event_id from events order by ordering")).ShouldBe(["a|e2"]);
    }

    [SkippableFact]
    public async Task What_has_expired_goes_with_the_next_event_of_that_user_too()
    {
        await Append(Event("e1") with { ExpiresAt = Now.AddSeconds(1) }, "a", "b");
        await Append(Event("e2") with { SentAt = Now.AddSeconds(1) }, "a");

        (await Store.Query("select user_id, event_id from events order by ordering")).ShouldBe(["b|e1", "a|e2"]);
    }

    [SkippableFact]
    public async Task Of_too_many_the_oldest_go_and_are_counted()
    {
        foreach (var number in Enumerable.Range(1, 3))
        {
            (await Append(Event($"e{number}"), "a", "b")).ShouldBe(0);
        }

        (await Append(Event("e4"), "a")).ShouldBe(1);

        (await Waiting("a")).ShouldBe(["e2", "e3", "e4"]);
        (await Waiting("b")).ShouldBe(["e1", "e2", "e3"]);
    }

    [SkippableFact]
    public async Task A_stream_of_passing_events_washes_no_durable_one_away()
    {
        await Append(Event("durable"), "a");
        foreach (var number in Enumerable.Range(1, 5))
        {
            await Append(Event($"e{number}") with { Durable = false }, "a");
        }

        (await Waiting("a")).ShouldBe(["durable", "e3", "e4", "e5"]);
    }

    [SkippableFact]
    public async Task A_thousand_recipients_of_a_large_payload_are_stored_in_the_time_that_the_store_has()
    {
        var users = Enumerable.Range(0, 1_000).Select(number => $"user-{number:0000}").ToArray();
        var bytes = new byte[24_000];
        // Nothing that a database could compress.
        new Random(7).NextBytes(bytes);
        var text = Convert.ToBase64String(bytes);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1.8));

        await Events.Append(Event("e1") with { Payload = new($$"""{"text":"{{text}}"}""") }, Users(users), 3, limit.Token);

        (await Waiting("user-0999")).ShouldBe(["e1"]);
        (await Store.Query("select count(*) from events")).ShouldBe(["1000"]);
    }

    [SkippableFact]
    public async Task Of_large_ones_that_have_expired_some_go_at_a_time()
    {
        var users = Enumerable.Range(0, 100).Select(number => $"user-{number:000}").ToArray();
        await Append(Large("e1") with { ExpiresAt = Now.AddSeconds(1) }, users);

        (await Events.ForgetExpired(Now.AddSeconds(1), None)).ShouldBeTrue();

        (await Count()).ShouldBeInRange(80, 90);
        while (await Events.ForgetExpired(Now.AddSeconds(1), None)) { }
        (await Count()).ShouldBe(0);
    }

    [SkippableFact]
    public async Task Large_ones_that_have_expired_take_nobodys_place_and_go_some_at_a_time_with_the_next()
    {
        var users = Enumerable.Range(0, 100).Select(number => $"user-{number:000}").ToArray();
        await Append(Event("first"), users);
        await Append(Large("e1") with { ExpiresAt = Now.AddSeconds(1) }, users);
        await Append(Large("e2") with { ExpiresAt = Now.AddSeconds(1) }, users);
        await Append(Event("third") with { SentAt = Now.AddSeconds(1) }, users);

        (await Count()).ShouldBeInRange(380, 390);
        (await Append(Event("last") with { SentAt = Now.AddSeconds(1) }, users)).ShouldBe(0);
        (await Waiting("user-099", Now.AddSeconds(1))).ShouldBe(["first", "third", "last"]);
    }

    [SkippableFact]
    public async Task All_that_were_acknowledged_go_however_large()
    {
        var users = Enumerable.Range(0, 60).Select(number => $"user-{number:000}").ToArray();
        await Append(Large("e1"), users);
        await Append(Event("e2"), users);

        await Events.Acknowledge([.. users.Select(user => new EventAcknowledgement(User(user), new("e1")))], None);

        (await Store.Query("select distinct event_id from events")).ShouldBe(["e2"]);
    }

    [SkippableFact]
    public async Task Writers_that_cross_lose_nothing()
    {
        var users = Enumerable.Range(0, 40).Select(number => $"user-{number:00}").ToArray();

        await Task.WhenAll(
            Enumerable
                .Range(0, 12)
                .Select(async number =>
                {
                    await Append(Event($"e{number:00}") with { Durable = number % 2 == 0 }, number % 3 == 0 ? [.. users.Reverse()] : users);
                    await Events.Acknowledge([.. users.Select(user => new EventAcknowledgement(User(user), new($"e{number:00}")))], None);
                    await Events.ForgetExpired(Now, None);
                })
        );

        // The durable ones were all acknowledged, of the others the last three are kept, and perhaps one for each writer that crossed another.
        (await Waiting("user-00")).Count.ShouldBeInRange(3, 6);
        (await Append(Event("last") with { Durable = false }, "user-00")).ShouldBeGreaterThan(0);
        (await Waiting("user-00")).Count.ShouldBe(3);
    }

    private async Task<int> Count() =>
        int.Parse((await Store.Query("select count(*) from events"))[0], System.Globalization.CultureInfo.InvariantCulture);

    private static PostedEvent Large(string id) => Event(id) with { Payload = new($$"""{"text":"{{new string('x', 64_000)}}"}""") };

    private static PostedEvent Event(string id) => new(new(id), "note", new("""{"n":1}"""), null, Now, Now.AddDays(1), Durable: true);

    private Task<int> Append(PostedEvent posted, params string[] users) => Events.Append(posted, Users(users), 3, None);

    private async Task<IReadOnlyList<string>> Waiting(string user, DateTimeOffset? now = null) =>
        [.. (await Events.Pending([User(user)], now ?? Now, None)).GetValueOrDefault(User(user), []).Select(posted => posted.Id.Value)];
}
