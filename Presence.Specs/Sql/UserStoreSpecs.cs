using System.Data.Common;
using Presence.Core.Errors;
using Presence.Core.Privacy;
using Presence.Core.Users;

namespace Presence.Specs.Sql;

public sealed class UsersInSqliteSpecs() : UserStoreSpecs(null);

[Collection("postgres")]
public sealed class UsersInPostgresSpecs(PostgresServer server) : UserStoreSpecs(server);

/// <summary>What every user store does.</summary>
public abstract class UserStoreSpecs(PostgresServer? server) : StoreSpecs(server)
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, 123, 456, TimeSpan.Zero);

    private static readonly Profile Full = new()
    {
        SetStatus = OnlineStatus.Invisible,
        Activity = "in_a_call",
        Text = new("zurück am Montag \U0001F334 \"',;\\", Noon.AddHours(1), "works from Berlin"),
        ChosenAt = Noon,
        Held = new("text", null, Noon, Noon, 1_795_000_000_000_000),
        Privacy = new()
        {
            OnlineStatusVisibility = Visibility.Contacts,
            LastSeenVisibility = Visibility.Nobody,
            TypingIndicatorsEnabled = false,
            Blocked = [new("b@example.org"), new("c")],
            Overrides = PrivacyRule.Default.Overrides.Add(new("d:1"), new(true, null, false)),
        },
    };

    private IUserStore UserStore => Store.Get<IUserStore>();

    [SkippableFact]
    public async Task A_user_nobody_heard_of_is_absent()
    {
        (await UserStore.Load(Users("a", "b"), None)).ShouldBeEmpty();
        (await UserStore.Load([], None)).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task A_profile_comes_back_as_it_was_saved()
    {
        await Save(new ProfileProjection(User("a"), Full, 7));

        (await Row("a")).ShouldBe(new UserRow(User("a"), Full, 7, 0, null, false));
    }

    [SkippableFact]
    public async Task A_projection_is_not_replaced_by_an_older_one()
    {
        await Save(new ProfileProjection(User("a"), Full, 7));

        await Save(new ProfileProjection(User("a"), Profile.Empty, 6));
        (await Row("a"))!.ProjectedSequence.ShouldBe(7);
        (await Row("a"))!.Profile.ShouldBe(Full);

        await Save(new ProfileProjection(User("a"), Profile.Empty with { ChosenAt = Noon }, 8));
        (await Row("a"))!.Profile.ShouldBe(Profile.Empty with { ChosenAt = Noon });
    }

    [SkippableFact]
    public async Task A_field_of_a_later_version_is_ignored_and_an_absent_one_has_its_default()
    {
        await Store.Execute(
            """insert into users (user_id, profile, profile_sequence) values ('a', '{"aura":{"x":[1]},"privacy":{"blocked":["b"]}}', 3)"""
        );

        var profile = (await Row("a"))!.Profile!;

        profile.Privacy.ShouldBe(new PrivacyRule { Blocked = [User("b")] });
        profile.ShouldBe(Profile.Empty with { Privacy = profile.Privacy });
    }

    [SkippableFact]
    public async Task A_projection_that_cannot_be_read_counts_as_none_so_that_the_journal_mends_it()
    {
        await Store.Execute("""insert into users (user_id, profile, profile_sequence) values ('a', '{"set_status":"dancing"}', 3)""");

        (await Row("a")).ShouldBe(new UserRow(User("a"), Profile.Empty, 0, 0, null, false));
    }

    [SkippableFact]
    public async Task What_the_journal_has_is_told_beside_what_the_projection_has()
    {
        await Save(new ProfileProjection(User("a"), Full, 2));
        await Journal("user-a", 3);
        await Journal("user-A", 9);
        await Journal("user-b", 1);

        var rows = await UserStore.Load(Users("a", "b", "c"), None);

        rows[User("a")].JournalSequence.ShouldBe(3);
        rows[User("a")].ProjectedSequence.ShouldBe(2);
        // The fact is none that this version can read.
        rows[User("b")].ShouldBe(new UserRow(User("b"), null, 0, 1, null, false));
        rows.Count.ShouldBe(2);
    }

    [SkippableFact]
    public async Task Last_seen_and_profile_do_not_touch_each_other()
    {
        await UserStore.Save(new([], [new(User("a"), Noon, true)], []), None);
        (await Row("a")).ShouldBe(new UserRow(User("a"), Profile.Empty, 0, 0, Noon, true));

        await Save(new ProfileProjection(User("a"), Full, 1));
        await UserStore.Save(new([], [new(User("a"), Noon.AddMinutes(1), false)], []), None);

        (await Row("a")).ShouldBe(new UserRow(User("a"), Full, 1, 0, Noon.AddMinutes(1), false));
    }

    [SkippableFact]
    public async Task A_last_seen_that_arrives_late_does_not_replace_a_newer_one()
    {
        await UserStore.Save(new([], [new(User("a"), Noon, true)], []), None);

        await UserStore.Save(new([], [new(User("a"), Noon.AddSeconds(-1), false)], []), None);
        (await Row("a")).ShouldBe(new UserRow(User("a"), Profile.Empty, 0, 0, Noon, true));

        await UserStore.Save(new([], [new(User("a"), Noon, false)], []), None);
        (await Row("a"))!.Connected.ShouldBeFalse();
    }

    [SkippableFact]
    public async Task A_device_that_arrives_late_does_not_replace_what_is_known_since()
    {
        var now = new DeviceRow(User("a"), new("phone"), new("new", null, null, null), Noon, Noon.AddSeconds(5));
        await UserStore.Save(new([], [], [now]), None);

        await UserStore.Save(new([], [], [now with { Info = new("old", null, null, null), LastActiveAt = Noon }]), None);

        (await UserStore.Devices(User("a"), None)).ShouldBe([now]);
    }

    [SkippableFact]
    public async Task Devices_are_known_by_id_until_they_are_forgotten()
    {
        var phone = new DeviceRow(User("a"), new("phone"), new("Ann's \"phone\"", "phone", "mobile", "1.2"), Noon, Noon.AddSeconds(5));
        var web = new DeviceRow(User("a"), new("browser"), DeviceInfo.Empty, Noon, Noon);
        await UserStore.Save(new([], [], [phone, web, web with { UserId = User("b") }]), None);
        await UserStore.Save(new([], [], [phone with { Info = DeviceInfo.Empty with { Type = "tablet" }, Idle = true }]), None);

        // What it did not say again stays as it was.
        var known = phone with
        {
            Info = phone.Info with { Type = "tablet" },
            Idle = true,
        };
        (await UserStore.Devices(User("a"), None)).ShouldBe([web, known]);

        (await UserStore.ForgetDevice(User("a"), new("browser"), None)).ShouldBeTrue();
        (await UserStore.ForgetDevice(User("a"), new("browser"), None)).ShouldBeFalse();
        (await UserStore.Devices(User("a"), None)).Count.ShouldBe(1);
        (await UserStore.Devices(User("b"), None)).Count.ShouldBe(1);
    }

    [SkippableFact]
    public async Task Devices_of_many_users_are_read_at_once_and_whether_they_were_idle_and_had_ended()
    {
        var phone = new DeviceRow(User("a"), new("phone"), DeviceInfo.Empty, Noon, Noon, Idle: true);
        var web = new DeviceRow(User("a"), new("web"), DeviceInfo.Empty, Noon, Noon, Idle: true, Ended: true);
        var tablet = new DeviceRow(User("b"), new("phone"), new("Ben's", null, null, null), Noon, Noon);
        await UserStore.Save(new([], [], [phone, web, tablet, tablet with { UserId = User("c") }]), None);

        (await UserStore.Devices(Users("a", "b", "nobody"), None)).ShouldBe([phone, web, tablet], ignoreOrder: true);
        (await UserStore.Devices([], None)).ShouldBeEmpty();

        await UserStore.Save(new([], [], [phone with { Idle = false, Ended = true }]), None);
        (await UserStore.Devices(Users("a"), None)).ShouldBe([phone with { Idle = false, Ended = true }, web], ignoreOrder: true);
    }

    [SkippableFact]
    public async Task A_user_whose_devices_were_all_idle_is_known_to_have_been_so()
    {
        await UserStore.Save(new([], [new(User("a"), Noon, Connected: true, Idle: true)], []), None);
        var row = (await Row("a"))!;
        (row.Connected, row.Idle).ShouldBe((true, true));

        await UserStore.Save(new([], [new(User("a"), Noon, Connected: true)], []), None);
        row = (await Row("a"))!;
        (row.Connected, row.Idle).ShouldBe((true, false));

        await UserStore.Save(new([], [new(User("a"), Noon, Connected: false)], []), None);
        row = (await Row("a"))!;
        (row.Connected, row.Idle).ShouldBe((false, false));
    }

    /// <summary>The statement of the build before, word for word, which runs beside this one while a cluster is upgraded.</summary>
    [SkippableFact]
    public async Task An_earlier_build_goes_on_writing_and_reading_devices()
    {
        await Store.Execute(
            """
            insert into devices (user_id, device_id, name, type, platform, app_version, connected_at, last_active_at)
            select 'a', 'phone', 'Ann''s', null, null, null, 1, 2 where true
            on conflict (user_id, device_id) do update set name = excluded.name, last_active_at = excluded.last_active_at
            where devices.last_active_at <= excluded.last_active_at
            """
        );
        var row = (await UserStore.Devices(User("a"), None)).ShouldHaveSingleItem();
        (row.Info.Name, row.Idle, row.Ended).ShouldBe(("Ann's", false, false));

        await UserStore.Save(new([], [new(User("a"), Noon, Connected: true, Idle: true)], [row with { Idle = true }]), None);
        (
            await Store.Query(
                "select device_id, name, type, platform, app_version, connected_at, last_active_at from devices where user_id = 'a' order by device_id"
            )
        ).ShouldBe(["phone|Ann's||||1|2"]);
        (await Store.Query("select connected from users where user_id = 'a'")).ShouldNotBe(["0"]);
    }

    [SkippableFact]
    public async Task Of_too_many_devices_those_go_that_were_active_longest_ago()
    {
        var devices = Enumerable
            .Range(0, 5)
            .Select(i => new DeviceRow(User("a"), new($"d{i}"), DeviceInfo.Empty, Noon, Noon.AddSeconds(i)))
            .ToArray();
        var others = devices[0] with { UserId = User("b") };
        await UserStore.Save(new([], [], [devices[3], devices[1], devices[0], others]), None);

        await UserStore.Save(new([], [], [devices[4], devices[2]], KnownDevices: 3), None);

        (await UserStore.Devices(User("a"), None)).ShouldBe(devices[2..]);
        (await UserStore.Devices(User("b"), None)).ShouldBe([others]);
    }

    [SkippableFact]
    public async Task Of_writes_that_belong_together_all_are_kept_or_none_and_a_mistake_is_not_taken_for_an_outage()
    {
        await Store.Execute("drop table devices");
        var device = new DeviceRow(User("a"), new("d"), DeviceInfo.Empty, Noon, Noon);

        await Should.ThrowAsync<DbException>(UserStore.Save(new([new(User("a"), Full, 1)], [], [device]), None));

        (await Row("a")).ShouldBeNull();
    }

    [SkippableFact]
    public async Task Thousands_are_saved_at_once_and_many_thousands_loaded()
    {
        var users = Enumerable.Range(0, 6_000).Select(number => User($"u{number}")).ToArray();

        foreach (var some in users.Chunk(2_000))
        {
            await SaveAtLast(
                new(
                    [.. some.Select(user => new ProfileProjection(user, Full, 1))],
                    [.. some.Select(user => new LastSeen(user, Noon, true))],
                    []
                )
            );
        }

        var rows = await UserStore.Load(users, None);
        rows.Count.ShouldBe(users.Length);
        rows.Values.ShouldAllBe(row => row.Profile == Full && row.LastSeenAt == Noon && row.Connected);
    }

    /// <summary>As the writer of a node does: a write has 1.5 s, which a busy machine may need for two thousand, and is tried again.</summary>
    private async Task SaveAtLast(UserWrites writes)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await UserStore.Save(writes, None);
                return;
            }
            catch (StoreUnavailableException) when (tries < 20)
            {
                // The write before may still be under way; this one waits behind it.
            }
        }
    }

    private Task Save(ProfileProjection projection) => UserStore.Save(new([projection], [], []), None);

    private async Task<UserRow?> Row(string user) => (await UserStore.Load(Users(user), None)).GetValueOrDefault(User(user));

    private Task Journal(string persistenceId, long sequence) =>
        Store.Execute(
            $"insert into journal (created, deleted, persistence_id, sequence_number, message) values (0, false, '{persistenceId}', {sequence}, '')"
        );
}
