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
                Ask(
                    socket,
                    asks,
                    new UpdatePresence(user, Absolute(choose.Update), null, asks.Connection, Over: over, AskedAt: _clock.SharedTime)
                );
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
            case WatchConversation watch when RefuseWatched(socket, [watch.ConversationId.Value]) is { } full:
                Answer(socket, asks.FrameId, full);
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
                    SessionChanged(socket, [EntryOf(unwatch.ConversationId)], areThere: false);
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

        _services.Users().Tell(_requests.Add(socket, asks.FrameId, asks.Command, message, Elapsed), Self);
    }

    /// <summary>Told twice it must mean the same.</summary>
    private PresenceUpdate Absolute(PresenceUpdate update) =>
        update.ExpiresIn is { } time && time > TimeSpan.Zero && time <= PresenceUpdate.MaxExpiry && update.ExpiresAt is null
            ? update with
            {
                ExpiresAt = _clock.Wall + time,
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
                OnWatchOnRefused(request, watch, refused.Refusal);
                break;
            case Refused refused:
                Refuse(request.Socket, request.FrameId, request.Command, refused.Refusal);
                break;
            case PresenceUpdated updated:
                TakeOwn(request.Socket.User, updated.Own);
                request.Socket.Own = updated.Own;
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
                    NoteShown(request.Socket, typing.ConversationId, typist.Typist, Elapsed + typist.EndsIn);
                }

                Answer(request.Socket, null, new TypingSnapshotAnswer(typing.ConversationId, typing.Typists));
                break;
        }
    }

    /// <summary>Who may watch no more is told so. Else it is asked again, after a while.</summary>
    private void OnWatchOnRefused(PendingRequest request, WatchOn watch, Refusal refusal)
    {
        var socket = request.Socket;
        if (refusal.Code != ErrorCodes.NotAParticipant)
        {
            _requests.AddAgain(request, Elapsed);
        }
        else if (socket.Conversations.Remove(watch.ConversationId))
        {
            TellWatchEnded(socket, watch.ConversationId);
        }
    }

    private void Answer(PendingRequest request, IClientAnswer answer) => Answer(request.Socket, request.FrameId, answer);

    private void Answer(HubSocket socket, string? frameId, IClientAnswer answer) =>
        Deliver(socket, connection => connection.Deliver(frameId, answer));

    private static RefusedAnswer TooMany(string limit) => new(new Refusal(ErrorCodes.TooManyIds, limit));

    private void OnSubscribe(HubSocket socket, string? frameId, Subscribe subscribe)
    {
        var added = subscribe.Users.Where(user => !socket.Subscriptions.Contains(user)).Distinct().ToList();
        if (socket.Subscriptions.Count + added.Count > Options.Limits.Subscriptions)
        {
            Answer(socket, frameId, TooMany($"a socket may subscribe to {Options.Limits.Subscriptions} users"));
            return;
        }

        if (RefuseWatched(socket, added.Select(user => user.Value)) is { } full)
        {
            Answer(socket, frameId, full);
            return;
        }

        if ((RefuseQuestion(socket) ?? RefuseTargets(socket, subscribe.Users)) is { } refusal)
        {
            Answer(socket, frameId, new RefusedAnswer(refusal));
            return;
        }

        foreach (var user in subscribe.Users)
        {
            AddViewer(user, socket);
            AddSubscription(socket, user);
        }

        if (added.Count > 0)
        {
            SessionChanged(socket, added.Select(EntryOf), areThere: true);
        }

        Answer(socket, frameId, new SubscribedAnswer(subscribe.Users.Count));
        BeginSnapshot(new(socket, subscribe.Users, SnapshotKind.Full, first: false, Elapsed + AnswerLimit));
    }

    private void OnUnsubscribe(HubSocket socket, string? frameId, Unsubscribe unsubscribe)
    {
        var removed = unsubscribe.Users.Where(socket.Subscriptions.Remove).ToList();
        foreach (var user in removed)
        {
            if (!socket.User.Contacts.Contains(user))
            {
                DropViewer(user, socket);
            }
        }

        if (removed.Count > 0)
        {
            SessionChanged(socket, removed.Select(EntryOf), areThere: false);
        }

        Answer(socket, frameId, new UnsubscribedAnswer(unsubscribe.Users.Count));
    }
}
