using Microsoft.Extensions.DependencyInjection;
using Presence.Adapters.Sql.Contacts;
using Presence.Adapters.Sql.Conversations;
using Presence.Adapters.Sql.Events;
using Presence.Adapters.Sql.Users;
using Presence.Core.Contacts;
using Presence.Core.Conversations;
using Presence.Core.Events;
using Presence.Core.Users;

namespace Presence.Adapters.Sql;

/// <summary>Puts the stores into the host.</summary>
public static class SqlStoreExtensions
{
    /// <summary>The ports <see cref="IUserStore"/>, <see cref="IContactDirectory"/>, <see cref="IConversationDirectory"/> and <see cref="IEventStore"/>, and the <see cref="StorePreparation"/> that the host runs before it starts anything that uses them.</summary>
    public static IServiceCollection AddSqlStore(this IServiceCollection services, StorageOptions options) =>
        services
            .AddSingleton(options)
            .AddSingleton(_ => new StorePreparation(options))
            .AddSingleton(_ => Database.Of(options))
            .AddSingleton<IUserStore>(provider => new SqlUserStore(provider.GetRequiredService<Database>()))
            .AddSingleton<IContactDirectory>(provider => new SqlContactDirectory(provider.GetRequiredService<Database>()))
            .AddSingleton<IConversationDirectory>(provider => new SqlConversationDirectory(provider.GetRequiredService<Database>()))
            .AddSingleton<IEventStore>(provider => new SqlEventStore(provider.GetRequiredService<Database>()));
}
