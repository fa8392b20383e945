using Presence.Actors.Hub;
using Presence.Core.Conversations;
using Presence.Core.Events;
using Presence.Core.Users;

namespace Presence.Adapters.WebSocket.Frames;

/// <summary>Encodes what many sockets are pushed alike, once.</summary>
public sealed class PushEncoder : IPushEncoder
{
    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Record(PresenceRecord record) => ServerFrames.Record(record);

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> PresenceUpdate(PresenceRecord record, DateTimeOffset at) => ServerFrames.PresenceUpdate(record, at);

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Typing(ConversationId conversation, UserId typist, bool isTyping, TimeSpan endsIn, DateTimeOffset at) =>
        ServerFrames.Typing(conversation, typist, isTyping, endsIn, at);

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Event(PostedEvent posted) => ServerFrames.Event(posted);
}
