namespace Presence.Actors;

/// <summary>Names the shard region of users in the registry.</summary>
public sealed class UserRegion;

/// <summary>Names the shard region of conversations in the registry.</summary>
public sealed class ConversationRegion;

/// <summary>Names this node's hub in the registry.</summary>
public sealed class HubKey;

/// <summary>Names this node's loader in the registry.</summary>
public sealed class LoaderKey;
