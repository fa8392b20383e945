using Presence.Actors.Conversations;
using Presence.Actors.Events;
using Presence.Actors.Users;
using Presence.Core.Errors;
using Presence.Core.Users;

namespace Presence.Actors.Hub;

/// <content>What clients ask for over their sockets, and typing.</content>
public sealed partial class HubActor
{
    private void OnClientAsks(ClientAsks asks)
    {
        if (!_sockets.TryGetValue(asks.Connection, out var socket))
        {
            return;
        }

        var user = socket.User.Id;
        switch (asks.Command)
        {
            case Heard heard:
                TellHeardOf(socket, heard.Active);
                break;
            case ChoosePresence choose:
                var over = socket.Connection.Device is { } device ? new DeviceConnection(device, socket.OpenedAt) : null;
                Ask(socket, asks, new UpdatePresence(user, Absolute(choose.Update), null, asks.Connection, Over: over));
                break;
            case TypeIn typing:
                Ask(socket, asks, new Users.Type(user, typing.Request, socket.Connection.Device, null));
                break;
            case Subscribe subscribe:
                OnSubscribe(socket, asks.FrameId, subscribe);
                break;
            case Unsubscribe unsubscribe:
                OnUnsubscribe(socket, asks.FrameId, unsubscribe);
                break;
            case WatchConversation when socket.Conversations.Count >= Options.Limits.WatchedConversations:
                Answer(socket, asks.FrameId, TooMany($"a socket may watch {Options.Limits.WatchedConversations} conversations"));
                break;
            case WatchConversation watch:
                Ask(socket, asks, new GetTypingSeenBy(user, watch.ConversationId));
                break;
            case WatchOn watch:
                Ask(socket, asks, new GetTypingSeenBy(user, watch.ConversationId));
                break;
            case TokenRenewed:
                AwaitToken(socket);
                break;
            case AckEvent ack:
                _services.Users().Tell(new AcknowledgeEvent(user, ack.EventId), Self);
                break;
            case UnwatchConversation unwatch:
                ForgetShown(socket, unwatch.ConversationId);
                if (socket.Conversations.Remove(unwatch.ConversationId))
                {
                    StopWatching(unwatch.ConversationId, socket);
                    SessionChanged(socket);
                }

                Answer(socket, asks.FrameId, new UnwatchedAnswer(unwatch.ConversationId));
                break;
        }
    }

    private void Ask(HubSocket socket, ClientAsks asks, IUserMessage message)
    {
        if (asks.Command is not WatchOn && (RefuseQuestion(socket) ?? RefuseTarget(socket, asks.Command)) is { } refusal)
        {
            Refuse(socket, asks.FrameId, asks.Command, refusal);
            return;
        }

        _services.Users().Tell(_requests.Add(socket, asks.FrameId, asks.Command, message, Now), Self);
    }

    /// <summary>Told twice it must mean the same.</summary>
    private static PresenceUpdate Absolute(PresenceUpdate update) =>
        update.ExpiresIn is { } time && time > TimeSpan.Zero && time <= PresenceUpdate.MaxExpiry && update.ExpiresAt is null
            ? update with
            {
                ExpiresAt = Now + time,
                ExpiresIn = null,
            }
            : update;

    private void OnAnswer(Answer answer)
    {
        if (_requests.Take(answer.Number) is not { } request || !_sockets.ContainsKey(request.Socket.Connection.Id))
        {
            return;
        }

        switch (answer.Content)
        {
            case Refused refused when request.Command is WatchOn watch:
                OnWatchOnRefused(request.Socket, watch, refused.Refusal);
                break;
            case Refused refused:
                Refuse(request.Socket, request.FrameId, request.Command, refused.Refusal);
                break;
            case PresenceUpdated updated:
                TakeOwn(request.Socket.User, updated.Own);
                Answer(request, new PresenceUpdatedAnswer(updated.Own));
                break;
            case TypingAccepted when request is { FrameId: not null, Command: TypeIn typing }:
                Answer(request, new TypingAnswer(typing.Request.ConversationId));
                break;
            case TypingIs typing when request.Command is WatchOn && !request.Socket.Conversations.Contains(typing.ConversationId):
                // Unwatched meanwhile.
                break;
            case TypingIs typing:
                Watch(request.Socket, typing.ConversationId);
                if (request.Command is WatchConversation)
                {
                    Answer(request, new WatchedAnswer(typing.ConversationId));
                }

                foreach (var typist in typing.Typists)
                {
                    NoteShown(request.Socket, typing.ConversationId, typist.Typist, Now + typist.EndsIn);
                }

                Answer(request.Socket, null, new TypingSnapshotAnswer(typing.ConversationId, typing.Typists));
                break;
        }
    }

    /// <summary>Who may watch no more is not told, as a client that was connected would not have been. Else it is asked again, after a while.</summary>
    private void OnWatchOnRefused(HubSocket socket, WatchOn watch, Refusal refusal)
    {
        if (refusal.Code != ErrorCodes.NotAParticipant)
        {
            _requests.Add(socket, null, watch, new GetTypingSeenBy(socket.User.Id, watch.ConversationId), Now);
        }
        else if (socket.Conversations.Remove(watch.ConversationId))
        {
            SessionChanged(socket);
        }
    }

    private void Answer(PendingRequest request, IClientAnswer answer) => Answer(request.Socket, request.FrameId, answer);

    private void Answer(HubSocket socket, string? frameId, IClientAnswer answer) =>
        Deliver(socket, connection => connection.Deliver(frameId, answer));

    private static RefusedAnswer TooMany(string limit) => new(new Refusal(ErrorCodes.TooManyIds, limit));

    private void OnSubscribe(HubSocket socket, string? frameId, Subscribe subscribe)
    {
        if (socket.Subscriptions.Count + subscribe.Users.Count(user => !socket.Subscriptions.Contains(user)) > Options.Limits.Subscriptions)
        {
            Answer(socket, frameId, TooMany($"a socket may subscribe to {Options.Limits.Subscriptions} users"));
            return;
        }

        if ((RefuseQuestion(socket) ?? RefuseTargets(socket, subscribe.Users)) is { } refusal)
        {
            Answer(socket, frameId, new RefusedAnswer(refusal));
            return;
        }

        var before = socket.Subscriptions.Count;
        foreach (var user in subscribe.Users)
        {
            socket.Subscriptions.Add(user);
            AddViewer(user, socket);
        }

        if (socket.Subscriptions.Count > before)
        {
            SessionChanged(socket);
        }

        Answer(socket, frameId, new SubscribedAnswer(subscribe.Users.Count));
        BeginSnapshot(new(socket, subscribe.Users, SnapshotKind.Full, first: false, Now + AnswerLimit));
    }

    private void OnUnsubscribe(HubSocket socket, string? frameId, Unsubscribe unsubscribe)
    {
        var before = socket.Subscriptions.Count;
        foreach (var user in unsubscribe.Users.Where(socket.Subscriptions.Remove))
        {
            if (!socket.User.Contacts.Contains(user))
            {
                DropViewer(user, socket);
            }
        }

        if (socket.Subscriptions.Count < before)
        {
            SessionChanged(socket);
        }

        Answer(socket, frameId, new UnsubscribedAnswer(unsubscribe.Users.Count));
    }
}
