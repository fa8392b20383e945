using Presence.Core.Errors;
using Presence.Core.Sessions;
using Presence.Core.Users;

namespace Presence.Actors.Hub;

/// <content>How much a client may ask for.</content>
public sealed partial class HubActor
{
    private static readonly TimeSpan AskLater = TimeSpan.FromSeconds(1);

    private Refusal? RefuseQuestion(HubSocket socket)
    {
        if (socket.OpenQuestions < Options.Limits.OpenQuestions)
        {
            return null;
        }

        _services.Counters.AddLimited(nameof(LimitOptions.OpenQuestions));
        return Refusal.RateLimited($"{Options.Limits.OpenQuestions} questions of this socket are not answered yet", AskLater);
    }

    private Refusal? RefuseTargets(HubSocket socket, IReadOnlyList<UserId> users) =>
        RefuseTargets(
            _services.Targets.Take(
                socket.User.Id,
                users.Where(user => !socket.User.Contacts.Contains(user)),
                _services.Time.GetElapsedTime(0)
            )
        );

    /// <summary>Each conversation that is asked for is looked up, and has an entity for a while, whether or not there is one.</summary>
    private Refusal? RefuseTarget(HubSocket socket, IClientCommand command) =>
        command switch
        {
            TypeIn typing => RefuseTargets(
                _services.Targets.Take(socket.User.Id, typing.Request.ConversationId, _services.Time.GetElapsedTime(0))
            ),
            WatchConversation watch => RefuseTargets(
                _services.Targets.Take(socket.User.Id, watch.ConversationId, _services.Time.GetElapsedTime(0))
            ),
            _ => null,
        };

    private Refusal? RefuseTargets(TimeSpan? retryAfter)
    {
        if (retryAfter is not { } time)
        {
            return null;
        }

        _services.Counters.AddLimited(nameof(LimitOptions.TargetsPerHour));
        return Refusal.TooManyTargets(Options.Limits.TargetsPerHour, time);
    }

    /// <summary>Null where there is room for so many bytes more of what the user's sockets subscribe to and watch.</summary>
    private RefusedAnswer? RefuseWatched(HubSocket socket, IEnumerable<string> ids)
    {
        if (HasRoom(socket, ids.Sum(SessionEntry.WeightOf)))
        {
            return null;
        }

        _services.Counters.AddLimited(nameof(LimitOptions.WatchedBytes));
        return TooMany($"the sockets of a user may subscribe to and watch {Options.Limits.WatchedBytes} bytes of ids together");
    }

    private bool HasRoom(HubSocket socket, long bytes) => socket.User.WatchedBytes + bytes <= Options.Limits.WatchedBytes;

    /// <summary>Who types too fast, and gave the frame no id, waits for no answer.</summary>
    private void Refuse(HubSocket socket, string? frameId, IClientCommand command, Refusal refusal)
    {
        if (frameId is not null || command is not TypeIn || refusal.Code != ErrorCodes.RateLimited)
        {
            Answer(socket, frameId, new RefusedAnswer(refusal));
        }
    }
}
