using Presence.Actors.Sessions;
using Presence.Core.Sessions;

namespace Presence.Specs.Sessions;

/// <summary>In which order changes of sessions are written, and how many may wait.</summary>
public sealed class SessionBacklogSpecs
{
    private static readonly Guid Connection = Guid.NewGuid();

    private readonly SessionBacklog _backlog = new(most: 400_000, mostOfUser: 100_000);

    [Fact]
    public void Who_has_much_waiting_does_not_go_before_who_has_little()
    {
        foreach (var device in Enumerable.Range(0, 20))
        {
            _backlog.Add(Change("mallory", $"d{device}", 0, 1, 40));
        }

        _backlog.Add(Change("ann", "phone", 0, 1, 1));
        _backlog.Add(Change("bob", "phone", 0, 1, 1));

        _backlog.Take(12_000).Select(change => change.UserId.Value).Take(3).ShouldBe(["mallory", "ann", "bob"]);
        _backlog.Take(12_000).ShouldAllBe(change => change.UserId.Value == "mallory");
    }

    [Fact]
    public void No_more_is_taken_at_once_than_so_many_bytes_but_one_at_least()
    {
        foreach (var user in Enumerable.Range(0, 20))
        {
            _backlog.Add(Change($"user-{user}", "phone", 0, 1, 40));
        }

        _backlog.Take(12_000).Sum(change => change.Weight).ShouldBeInRange(6_000, 12_000);
        _backlog.Take(1).Count.ShouldBe(1);
    }

    [Fact]
    public void Changes_of_a_device_that_wait_are_written_as_one_and_the_last_of_each_id_counts()
    {
        _backlog.Add(Change("ann", "phone", 0, 1, 3));
        _backlog.Add(Change("ann", "phone", 1, 2, 2, areThere: false));
        _backlog.Add(Change("ann", "phone", 2, 3, 1));

        var change = _backlog.Take(12_000).ShouldHaveSingleItem();

        (change.From, change.To.Sequence).ShouldBe((null, 3));
        change.Entries.OrderBy(entry => entry.Key.Id, StringComparer.Ordinal).Select(entry => entry.Value).ShouldBe([true, false, true]);
        (_backlog.Bytes, _backlog.IsEmpty).ShouldBe((0, true));
    }

    [Fact]
    public void One_that_could_not_be_written_goes_before_what_came_since()
    {
        _backlog.Add(Change("ann", "phone", 1, 2, 1));
        var unwritten = _backlog.Take(12_000);
        _backlog.Add(Change("ann", "phone", 2, 3, 1));

        _backlog.Return(unwritten);

        _backlog.Take(12_000).ShouldHaveSingleItem().To.Sequence.ShouldBe(2);
        _backlog.Take(12_000).ShouldHaveSingleItem().To.Sequence.ShouldBe(3);
        _backlog.Bytes.ShouldBe(0);
    }

    [Fact]
    public void Of_a_user_no_more_waits_than_so_many_bytes_and_the_device_that_goes_over_loses_all_that_waits()
    {
        // 104 bytes each, and 256.
        _backlog.Add(Change("mallory", "d1", 0, 1, 400)).ShouldBeTrue();
        _backlog.Add(Change("mallory", "d2", 0, 1, 400)).ShouldBeTrue();

        _backlog.Add(Change("mallory", "d2", 1, 2, 400)).ShouldBeFalse();

        _backlog.Bytes.ShouldBeLessThan(50_000);
        _backlog.Take(1_000_000).ShouldHaveSingleItem().DeviceId.Value.ShouldBe("d1");
        _backlog.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void Of_all_users_no_more_waits_than_so_many_bytes()
    {
        var kept = Enumerable.Range(0, 20).Count(user => _backlog.Add(Change($"user-{user:00}", "phone", 0, 1, 400)));

        kept.ShouldBe(9);
        _backlog.Bytes.ShouldBeLessThanOrEqualTo(400_000);
    }

    [Fact]
    public void One_that_begins_anew_takes_the_place_of_what_waits()
    {
        _backlog.Add(Change("ann", "phone", 0, 1, 3));
        _backlog.Add(Change("ann", "phone", 0, 9, 1));

        _backlog.Take(12_000).ShouldHaveSingleItem().To.Sequence.ShouldBe(9);
        _backlog.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void Nothing_waits_of_one_who_was_dropped()
    {
        _backlog.Add(Change("ann", "phone", 0, 1, 3));
        _backlog.Add(Change("bob", "phone", 0, 1, 3));

        _backlog.Drop(new("ann"));

        _backlog.Take(12_000).ShouldHaveSingleItem().UserId.Value.ShouldBe("bob");
        (_backlog.Bytes, _backlog.IsEmpty).ShouldBe((0, true));
    }

    /// <summary>From 0 it begins anew.</summary>
    private static SessionChange Change(string user, string device, long from, long to, int entries, bool areThere = true) =>
        new(
            new(user),
            new(device),
            from == 0 ? null : new(Connection, from),
            new(Connection, to),
            Enumerable
                .Range(0, entries)
                .ToDictionary(number => new SessionEntry(SessionEntryKind.Subscription, $"{number:000}".PadLeft(40, 'x')), _ => areThere),
            default
        );
}
