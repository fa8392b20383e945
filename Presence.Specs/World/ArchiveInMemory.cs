using Presence.Core.Users;

namespace Presence.Specs.World;

/// <summary>Erases a user from the stores in memory.</summary>
internal sealed class ArchiveInMemory(PresenceWorld world) : IUserArchive
{
    public Gate Gate { get; } = new();

    /// <summary>Whom it was to erase, each time.</summary>
    public List<UserId> Asked { get; } = [];

    public Task<KeptOfUser> Export(UserId user, CancellationToken cancellation) => throw new NotSupportedException("actors only erase");

    public Task<ErasedFrom> Erase(UserId user, CancellationToken cancellation)
    {
        Asked.Add(user);
        return Gate.Pass(() => Now(user));
    }

    private ErasedFrom Now(UserId user)
    {
        var contacts = world.Contacts.Of(user).ToList();
        contacts.ForEach(contact => world.Contacts.Part(user, contact));
        world.Journal.Erase(user);
        world.Store.Erase(user);
        world.Events.Erase(user);
        world.Sessions.Erase(user);
        return new(contacts, world.Participants.Erase(user));
    }
}
