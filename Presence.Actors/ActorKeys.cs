namespace Presence.Actors;

/// <summary>Names the shard region of users in the registry.</summary>
public sealed class UserRegion;

/// <summary>Names the shard region of conversations in the registry.</summary>
public sealed class ConversationRegion;

/// <summary>Names this node's hub in the registry.</summary>
public sealed class HubKey;

/// <summary>Names this node's loader in the registry.</summary>
public sealed class LoaderKey;

/// <summary>Names in the registry who brings the news of a changed directory to all nodes.</summary>
public sealed class DirectoryNewsKey;

/// <summary>Names in the registry who asks all nodes what they count.</summary>
public sealed class StatsKey;

/// <summary>Names in the registry who brings messages to the hubs of all nodes.</summary>
public sealed class CourierKey;
