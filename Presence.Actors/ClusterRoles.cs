namespace Presence.Actors;

/// <summary>What this node does in the cluster. At least one of them.</summary>
/// <param name="Gateway">It takes clients: sockets and HTTP.</param>
/// <param name="Presence">It is home to entities: users and conversations.</param>
public sealed record ClusterRoles(bool Gateway, bool Presence)
{
    /// <summary>The role, by name, of members that take clients.</summary>
    public const string GatewayRole = "gateway";

    /// <summary>The role, by name, of members that are home to entities.</summary>
    public const string PresenceRole = "presence";

    /// <summary>A mark of this build, not a choice: the hub of such a member keeps the participants of the conversations in which somebody types, and need not be told them each time.</summary>
    public const string KeepsParticipants = "keeps-participants";

    /// <summary>Their names.</summary>
    public IEnumerable<string> Names => new[] { Gateway ? GatewayRole : null, Presence ? PresenceRole : null }.OfType<string>();
}
