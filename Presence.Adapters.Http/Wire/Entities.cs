using System.Collections.Immutable;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.AspNetCore.Http;
using Presence.Actors;
using Presence.Actors.Conversations;
using Presence.Actors.Nodes;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Json;
using Presence.Core.Users;

namespace Presence.Adapters.Http.Wire;

/// <summary>How long an answer is waited for.</summary>
/// <param name="Answer">Of a request: longer than the 2 s in which a store out of reach is told.</param>
/// <param name="News">Of all nodes, that a change in a directory has taken effect: shorter than that, for the store has been waited for already.</param>
/// <param name="Batch">Of the same for one batch of an import, and of an erasure, which takes seconds where an earlier version left a long journal.</param>
internal sealed record Patience(TimeSpan Answer, TimeSpan News, TimeSpan Batch)
{
    public static Patience Default { get; } = new(TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(30));
}

/// <summary>Asks the actors behind the routes: the only Ask of the house. A missing answer is a refusal, <c>timeout</c>.</summary>
internal sealed class Entities(
    IRequiredActor<UserRegion> users,
    IRequiredActor<ConversationRegion> conversations,
    IRequiredActor<StatsKey> stats,
    IRequiredActor<DirectoryNewsKey> news,
    NodeStanding standing,
    Patience patience
)
{
    private static readonly Refused TimedOut = new(new(ErrorCodes.Timeout, "no answer in time; whether it was done is not known"));

    /// <summary>Asks the user's entity and makes a result of its answer.</summary>
    public async Task<IResult> Ask<TAnswer>(IUserMessage message, Func<TAnswer, IResult> result, CancellationToken aborted) =>
        ToResult(await Ask(message, aborted), message, result);

    /// <summary>Asks the conversation's entity and makes a result of its answer.</summary>
    public async Task<IResult> Ask<TAnswer>(IConversationMessage message, Func<TAnswer, IResult> result, CancellationToken aborted) =>
        ToResult(await Ask(conversations.ActorRef, message, patience.Answer, aborted), message, result);

    /// <summary>Asks the hubs of all nodes what they count, and makes a result of what those that answered did.</summary>
    public async Task<IResult> AskAllNodes(Func<ClusterStats, IResult> result, CancellationToken aborted)
    {
        try
        {
            return result(await stats.ActorRef.Ask<ClusterStats>(GetClusterStats.Instance, patience.Answer, aborted));
        }
        catch (AskTimeoutException)
        {
            return new ProblemAnswer(TimedOut.Refusal);
        }
    }

    /// <summary>Asks the user's entity. On the smaller side of a divided cluster a presence is told to be unknown: who knows it may be on the other one.</summary>
    public Task<IAnswer> Ask(IUserMessage message, CancellationToken aborted) =>
        message is GetPresence get && standing.IsCutOff
            ? Task.FromResult<IAnswer>(new PresenceIs(PresenceRecord.Unknown(get.UserId) with { Certainty = Certainty.Unknown }))
            : Ask(users.ActorRef, message, message is EraseUser ? patience.Batch : patience.Answer, aborted);

    /// <summary>Whom that user blocks, and so sees nothing of; or why that can't be told, and so nothing may be. Nobody of a service, and on the smaller side of a divided cluster, where nothing is told.</summary>
    public async Task<Parsed<ImmutableHashSet<UserId>>> BlockedBy(UserId? viewer, CancellationToken aborted) =>
        viewer is not { } user || standing.IsCutOff
            ? (ImmutableHashSet<UserId>)[]
            : await Ask(new GetPrivacy(user), aborted) switch
            {
                PrivacyIs privacy => privacy.Rule.Blocked.Remove(user),
                Refused refused => refused.Refusal,
                var other => throw NoAnswer(other, new GetPrivacy(user)),
            };

    /// <summary>Tells the user's entity what is stored already: should it not hear, it finds it when a device is next attached.</summary>
    public void Announce(IUserMessage message) => users.ActorRef.Tell(message, ActorRefs.NoSender);

    /// <summary>Tells the loaders of all nodes that a directory changed; null once that has taken effect. It is stored, and takes effect later where that is refused.</summary>
    public Task<Refusal?> Tell(IWireMessage change, CancellationToken aborted) => Tell(change, patience.News, aborted);

    /// <summary>The same after a batch of an import, which may take longer.</summary>
    public Task<Refusal?> TellOfBatch(IWireMessage change, CancellationToken aborted) => Tell(change, patience.Batch, aborted);

    private async Task<Refusal?> Tell(IWireMessage change, TimeSpan timeout, CancellationToken aborted) =>
        await Ask(news.ActorRef, change, timeout, aborted) switch
        {
            Done => null,
            Refused refused when refused == TimedOut => Refusal.Unavailable,
            Refused refused => refused.Refusal,
            var other => throw NoAnswer(other, change),
        };

    private async Task<IAnswer> Ask(IActorRef actor, IWireMessage message, TimeSpan timeout, CancellationToken aborted)
    {
        try
        {
            var answer = await actor.Ask<IAnswer>(message, timeout, aborted);
            return standing.MaySpeak ? answer : new Refused(Refusal.Replaced);
        }
        catch (AskTimeoutException)
        {
            return TimedOut;
        }
    }

    /// <summary>The result of an answer that is not the one asked for.</summary>
    public static IResult Problem(IAnswer answer) =>
        answer is Refused refused
            ? new ProblemAnswer(refused.Refusal)
            : throw new InvalidOperationException($"{answer.GetType().Name} is no answer to what was asked");

    private static IResult ToResult<TAnswer>(IAnswer answer, IWireMessage message, Func<TAnswer, IResult> result) =>
        answer switch
        {
            TAnswer expected => result(expected),
            Refused refused => new ProblemAnswer(refused.Refusal),
            _ => throw NoAnswer(answer, message),
        };

    private static InvalidOperationException NoAnswer(IAnswer answer, IWireMessage message) =>
        new($"{answer.GetType().Name} is no answer to {message.GetType().Name}");
}
