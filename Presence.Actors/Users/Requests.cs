using Akka.Actor;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <summary>A message whose answer is to be told apart from others to the same asker: the answer comes back as <see cref="Answer"/> with the number.</summary>
/// <param name="Number">The asker's own, in use once.</param>
/// <param name="Message">What is asked.</param>
public sealed record Request(long Number, IUserMessage Message) : IUserMessage
{
    /// <inheritdoc/>
    public UserId UserId => Message.UserId;
}

/// <summary>The answer to the request of that number.</summary>
public sealed record Answer(long Number, IAnswer Content) : IWireMessage;

/// <summary>Where an answer goes: to an asker, under its number where it gave one.</summary>
public readonly record struct ReplyTo(IActorRef Asker, long? Number)
{
    /// <summary>Answers.</summary>
    public void Tell(IAnswer answer, IActorRef sender) => Asker.Tell(Numbered(answer), sender);

    /// <summary>The answer under the asker's number, where it gave one.</summary>
    public IWireMessage Numbered(IAnswer answer) => Number is { } number ? new Answer(number, answer) : answer;
}
