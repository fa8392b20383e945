using Presence.Core.Conversations;
using Presence.Core.Users;

namespace Presence.Specs.Sql;

/// <summary>Specs that run over each kind of store, each on an empty one of its own.</summary>
public abstract class StoreSpecs(PostgresServer? server) : IAsyncLifetime
{
    private FreshStore? _store;

    protected static CancellationToken None => CancellationToken.None;

    protected FreshStore Store => _store!;

    public async Task InitializeAsync() => _store = await FreshStore.Make(server);

    public async Task DisposeAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();
    }

    protected static UserId User(string id) => new(id);

    protected static UserId[] Users(params string[] ids) => [.. ids.Select(User)];

    protected static ConversationId Room(string id) => new(id);
}
