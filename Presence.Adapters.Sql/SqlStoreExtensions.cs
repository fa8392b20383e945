using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Presence.Actors;
using Presence.Adapters.Sql.Cluster;
using Presence.Adapters.Sql.Contacts;
using Presence.Adapters.Sql.Conversations;
using Presence.Adapters.Sql.Events;
using Presence.Adapters.Sql.Identity;
using Presence.Adapters.Sql.Journal;
using Presence.Adapters.Sql.Sessions;
using Presence.Adapters.Sql.Users;
using Presence.Core.Cluster;
using Presence.Core.Contacts;
using Presence.Core.Conversations;
using Presence.Core.Events;
using Presence.Core.Identity;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Adapters.Sql;

/// <summary>Puts the stores into the host.</summary>
public static class SqlStoreExtensions
{
    /// <summary>The ports <see cref="IUserStore"/>, <see cref="IUserArchive"/>, <see cref="IJournalCutter"/>, <see cref="IContactDirectory"/>, <see cref="IConversationDirectory"/>, <see cref="IEventStore"/>, <see cref="ISessionStore"/>, <see cref="ITicketStore"/>, <see cref="IRevocationStore"/>, <see cref="ISecretStore"/>, <see cref="IClockStore"/>, <see cref="IWriteHealth"/> and <see cref="INodeFence"/>, the <see cref="NodeName"/>, and the <see cref="StorePreparation"/> that the host runs before it starts anything that uses them.</summary>
    /// <param name="services">The host's.</param>
    /// <param name="options">Where.</param>
    /// <param name="node">Who writes.</param>
    public static IServiceCollection AddSqlStore(this IServiceCollection services, StorageOptions options, NodeName node)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddSingleton(options)
            .AddSingleton(node)
            .AddSingleton(_ => new StorePreparation(options, node))
            .AddSingleton(provider =>
            {
                var database = Database.Of(options, node, provider.GetRequiredService<TimeProvider>());
                provider.GetService<NodeCounters>()?.WritesFail = () => database.Outcomes.Fails;
                return database;
            })
            .AddSingleton<IWriteHealth>(provider => new SqlWriteHealth(
                provider.GetRequiredService<Database>(),
                provider.GetRequiredService<TimeProvider>()
            ))
            .AddSingleton<IUserStore>(provider => new SqlUserStore(provider.GetRequiredService<Database>()))
            .AddSingleton<IUserArchive>(provider => new SqlUserArchive(provider.GetRequiredService<Database>()))
            .AddSingleton<IJournalCutter>(provider => new SqlJournalCutter(provider.GetRequiredService<Database>(), node))
            .AddSingleton<IContactDirectory>(provider => new SqlContactDirectory(
                provider.GetRequiredService<Database>(),
                provider.GetService<ListLimits>() ?? ListLimits.Default
            ))
            .AddSingleton<IConversationDirectory>(provider => new SqlConversationDirectory(
                provider.GetRequiredService<Database>(),
                provider.GetService<ListLimits>() ?? ListLimits.Default
            ))
            .AddSingleton<IEventStore>(provider => new SqlEventStore(provider.GetRequiredService<Database>()))
            .AddSingleton<ISessionStore>(provider => new SqlSessionStore(provider.GetRequiredService<Database>()))
            .AddSingleton<ITicketStore>(provider => new SqlTicketStore(provider.GetRequiredService<Database>()))
            .AddSingleton<IRevocationStore>(provider => new SqlRevocationStore(provider.GetRequiredService<Database>()))
            .AddSingleton<ISecretStore>(provider => new SqlSecretStore(provider.GetRequiredService<Database>()))
            .AddSingleton<IClockStore>(provider => new SqlClockStore(provider.GetRequiredService<Database>()))
            .AddSingleton<INodeFence>(provider =>
                options.IsPostgreSql ? new PostgresNodeFence(provider.GetRequiredService<Database>()) : new FileNodeFence()
            );
    }
}
