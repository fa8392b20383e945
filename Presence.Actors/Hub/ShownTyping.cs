using Presence.Core.Conversations;
using Presence.Core.Users;

namespace Presence.Actors.Hub;

/// <summary>Who a socket was told that types: whoever was told of a beginning is told of its end, whatever has changed meanwhile of contacts, watching, or how many are online.</summary>
internal sealed class ShownTyping
{
    /// <summary>Above so many, those whose end was never told are looked for: their time is over.</summary>
    private const int Many = 64;

    private readonly Dictionary<(ConversationId Conversation, UserId Typist), TimeSpan> _until = [];

    /// <summary>The socket is told that it begins, or goes on.</summary>
    public void Begin(ConversationId conversation, UserId typist, TimeSpan until, TimeSpan now)
    {
        if (_until.Count >= Many)
        {
            foreach (var (key, _) in _until.Where(entry => entry.Value < now).ToList())
            {
                _until.Remove(key);
            }
        }

        _until[(conversation, typist)] = until;
    }

    /// <summary>The socket asked to be told no more of that conversation.</summary>
    public void Forget(ConversationId conversation)
    {
        foreach (var key in _until.Keys.Where(key => key.Conversation == conversation).ToList())
        {
            _until.Remove(key);
        }
    }

    /// <summary>Who was shown to type in that conversation, and has not been told to have ended.</summary>
    public IEnumerable<UserId> In(ConversationId conversation) =>
        [.. _until.Keys.Where(key => key.Conversation == conversation).Select(key => key.Typist)];

    /// <summary>The conversations in which the socket was told that somebody types.</summary>
    public IEnumerable<ConversationId> Conversations => _until.Keys.Select(key => key.Conversation).Distinct();

    /// <summary>It has ended: whether the socket had been told of it.</summary>
    public bool End(ConversationId conversation, UserId typist) => _until.Remove((conversation, typist));
}
