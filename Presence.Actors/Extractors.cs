using Akka.Cluster.Sharding;
using Presence.Actors.Conversations;
using Presence.Actors.Users;

namespace Presence.Actors;

/// <summary>Which user a message goes to. What is for none is unhandled.</summary>
internal sealed class UserExtractor(int shards) : HashCodeMessageExtractor(shards)
{
    public override string? EntityId(object message) => (message as IWithUserId)?.UserId.Value;
}

/// <summary>Which conversation a message goes to. What is for none is unhandled.</summary>
internal sealed class ConversationExtractor(int shards) : HashCodeMessageExtractor(shards)
{
    public override string? EntityId(object message) => (message as IConversationMessage)?.ConversationId.Value;
}
