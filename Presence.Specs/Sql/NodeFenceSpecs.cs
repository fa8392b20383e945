using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Presence.Core.Cluster;
using Presence.Core.Contacts;
using Presence.Core.Conversations;
using Presence.Core.Errors;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Specs.Sql;

/// <summary>A node that was taken for dead, and is not.</summary>
[Collection("postgres")]
public sealed class NodeFenceSpecs(PostgresServer server) : StoreSpecs(server)
{
    private INodeFence Fence => Store.Get<INodeFence>();

    [SkippableFact]
    public async Task Writes_of_a_node_that_was_shut_out_are_refused_and_those_of_another_are_not()
    {
        var asleep = NodeName.New();
        await using var stores = Store.Services(asleep);
        await WriteAll(stores, "before");

        await Fence.ShutOut([asleep.Value], None);

        foreach (var write in Writes(stores, "after"))
        {
            (await Should.ThrowAsync<StoreUnavailableException>(write)).Message.ShouldContain("was shut out");
        }

        (await stores.GetRequiredService<IContactDirectory>().Load(Users("before"), None)).Count.ShouldBe(1);
        await using var another = Store.Services(NodeName.New());
        await WriteAll(another, "after");
    }

    [SkippableFact]
    public async Task Journal_writes_of_a_node_that_was_shut_out_fail_and_those_of_another_do_not()
    {
        var asleep = NodeName.New();
        await using var its = await JournalHost.Start(Store.Options, node: asleep);
        await using var others = await JournalHost.Start(Store.Options);
        (await its.Write("user-a", "before")).ShouldBeNull();

        await Fence.ShutOut([asleep.Value], None);

        (await its.Write("user-a", "after")).ShouldNotBeNull().ShouldContain("was shut out");
        (await others.Write("user-b", "after")).ShouldBeNull();
        (await others.Read("user-a")).ShouldBe("before");
    }

    [SkippableFact]
    public async Task Who_shuts_a_node_out_waits_for_what_it_is_just_writing()
    {
        var asleep = NodeName.New();
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(Store.Options.ConnectionString)
            {
                Options = $"-c presence.node={asleep.Value}",
            }.ConnectionString
        );
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("insert into contacts values ('a', 'b')", connection, transaction);
        await command.ExecuteNonQueryAsync();

        var shutOut = Fence.ShutOut([asleep.Value], None);
        await Store.Eventually("select 1 from pg_locks where locktype = 'advisory' and not granted");
        shutOut.IsCompleted.ShouldBeFalse();
        await transaction.CommitAsync();

        await shutOut;
        (await Should.ThrowAsync<PostgresException>(command.ExecuteNonQueryAsync())).SqlState.ShouldBe("PRF01");
    }

    [SkippableFact]
    public async Task A_node_may_be_shut_out_twice_and_is_forgotten_at_a_start_a_week_later()
    {
        await Fence.ShutOut(["young", "old"], None);
        await Fence.ShutOut(["young", "old"], None);
        await Store.Execute("update fenced_nodes set at = at - 7.1 * 86400 * 1000000 where node = 'old'");

        await Store.Prepare();

        (await Store.Query("select node from fenced_nodes")).ShouldBe(["young"]);
    }

    private static async Task WriteAll(IServiceProvider stores, string id)
    {
        foreach (var write in Writes(stores, id))
        {
            await write();
        }
    }

    private static IEnumerable<Func<Task>> Writes(IServiceProvider stores, string id)
    {
        var at = DateTimeOffset.UnixEpoch.AddDays(1);
        var users = stores.GetRequiredService<IUserStore>();
        return
        [
            () => stores.GetRequiredService<IUserArchive>().Erase(User(id), None),
            () => users.Save(new([new(User(id), Profile.Empty, 1)], [], []), None),
            () => users.Save(new([], [new(User(id), at, false)], []), None),
            () => users.Save(new([], [], [new(User(id), new("phone"), new(null, null, null, null), at, at)]), None),
            () => users.ForgetDevice(User(id), new("phone"), None),
            () => stores.GetRequiredService<IContactDirectory>().Add(User(id), User("b"), None),
            () => stores.GetRequiredService<IConversationDirectory>().Add(Room(id), User("b"), None),
            () =>
                stores
                    .GetRequiredService<ISessionStore>()
                    .Save([new(User(id), new("phone"), null, new(Guid.Empty, 1), new Dictionary<SessionEntry, bool>(), at)], None),
        ];
    }
}
