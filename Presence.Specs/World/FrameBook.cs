using Presence.Actors.Hub;
using Presence.Core.Conversations;
using Presence.Core.Events;
using Presence.Core.Users;

namespace Presence.Specs.World;

/// <summary>Somebody was said to type, or to have stopped.</summary>
internal sealed record TypingPush(ConversationId Conversation, UserId Typist, bool IsTyping, TimeSpan EndsIn, DateTimeOffset At);

/// <summary>A presence was pushed.</summary>
internal sealed record PresencePush(PresenceRecord Record, DateTimeOffset At);

/// <summary>Encodes as the number of a page on which it keeps what was encoded.</summary>
internal sealed class FrameBook : IPushEncoder
{
    private readonly List<object> _pages = [];

    /// <summary>How often anything was encoded.</summary>
    public int Encodings => _pages.Count;

    public ReadOnlyMemory<byte> Record(PresenceRecord record) => Keep(record);

    public ReadOnlyMemory<byte> PresenceUpdate(PresenceRecord record, DateTimeOffset at) => Keep(new PresencePush(record, at));

    public ReadOnlyMemory<byte> Typing(ConversationId conversation, UserId typist, bool isTyping, TimeSpan endsIn, DateTimeOffset at) =>
        Keep(new TypingPush(conversation, typist, isTyping, endsIn, at));

    public ReadOnlyMemory<byte> Event(PostedEvent posted) => Keep(posted);

    public T Read<T>(ReadOnlyMemory<byte> frame) => (T)_pages[BitConverter.ToInt32(frame.Span)];

    private ReadOnlyMemory<byte> Keep(object page)
    {
        _pages.Add(page);
        return BitConverter.GetBytes(_pages.Count - 1);
    }
}
