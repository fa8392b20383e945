using System.Collections.Immutable;
using Presence.Actors.Conversations;
using Presence.Core.Conversations;
using Presence.Core.Privacy;
using Presence.Core.Users;

namespace Presence.Actors.Hub;

/// <content>Typing: who of this node takes part in the conversations in which somebody types, and who is told. A typing costs as much as those whom it goes to; see docs/adr/0024.</content>
public sealed partial class HubActor
{
    /// <summary>For so long nothing has come of a conversation whose participants are forgotten. Its entity has stopped before, where nobody types.</summary>
    private static readonly TimeSpan ForgetConversation = TimeSpan.FromSeconds(150);

    private readonly Dictionary<ConversationId, LocalConversation> _conversations = [];
    private readonly Dictionary<UserId, List<LocalConversation>> _takesPart = [];

    private LocalConversation ConversationOf(ConversationId id)
    {
        if (!_conversations.TryGetValue(id, out var conversation))
        {
            _conversations[id] = conversation = new(id);
        }

        return conversation;
    }

    private void Watch(HubSocket socket, ConversationId id)
    {
        if (socket.Conversations.Add(id))
        {
            SessionChanged(socket, [EntryOf(id)], areThere: true);
        }

        var conversation = ConversationOf(id);
        if (conversation.Watchers.Add(socket) && conversation.Watchers.Count == 1)
        {
            TellHere(conversation);
        }
    }

    private void StopWatching(ConversationId id, HubSocket socket)
    {
        if (
            _conversations.TryGetValue(id, out var conversation)
            && conversation.Watchers.Remove(socket)
            && conversation.Watchers.Count == 0
        )
        {
            TellHere(conversation);
            ForgetEmpty(conversation);
        }
    }

    private void OnParticipants(ParticipantsAre told)
    {
        if (told.Set is not { } set)
        {
            // From a node of the build before.
            EndWatching(told.ConversationId, told.Participants);
            return;
        }

        var conversation = ConversationOf(told.ConversationId);
        conversation.HeardAt = Elapsed;
        var participants = conversation.Coming.Set == set ? conversation.Coming.Participants.Union(told.Participants) : told.Participants;
        if (told.MoreFollow)
        {
            conversation.Coming = (set, participants);
            return;
        }

        foreach (var user in conversation.Here.Where(user => !participants.Contains(user.Id)).ToList())
        {
            user.Sockets.ForEach(socket => EndShown(socket, conversation));
        }

        EndWatching(conversation.Id, participants);
        TakeParticipants(conversation, set, participants);
        TellHere(conversation);
    }

    private void EndWatching(ConversationId conversation, ImmutableHashSet<UserId> participants)
    {
        foreach (var socket in _conversations.GetValueOrDefault(conversation)?.Watchers.ToList() ?? [])
        {
            if (!participants.Contains(socket.User.Id))
            {
                socket.Conversations.Remove(conversation);
                StopWatching(conversation, socket);
                TellWatchEnded(socket, conversation);
            }
        }
    }

    private void TellWatchEnded(HubSocket socket, ConversationId conversation)
    {
        SessionChanged(socket, [EntryOf(conversation)], areThere: false);
        Answer(socket, null, new WatchEndedAnswer(conversation));
    }

    private void TakeParticipants(LocalConversation conversation, long set, ImmutableHashSet<UserId> participants)
    {
        _conversations[conversation.Id] = conversation;
        foreach (var left in conversation.Participants.Where(user => !participants.Contains(user)))
        {
            TakesPartNoMore(left, conversation);
        }

        foreach (var user in participants.Where(user => !conversation.Participants.Contains(user)))
        {
            if (!_takesPart.TryGetValue(user, out var conversations))
            {
                _takesPart[user] = conversations = new(1);
            }

            conversations.Add(conversation);
            if (_local.TryGetValue(user, out var here))
            {
                conversation.Here.Add(here);
            }
        }

        conversation.Take(Sender, set, participants);
    }

    private void TakesPartNoMore(UserId user, LocalConversation conversation)
    {
        if (_takesPart.TryGetValue(user, out var conversations) && conversations.Remove(conversation) && conversations.Count == 0)
        {
            _takesPart.Remove(user);
        }

        if (_local.TryGetValue(user, out var here))
        {
            conversation.Here.Remove(here);
        }
    }

    /// <summary>A user has its first socket here, or its last one is gone.</summary>
    private void NoteHere(LocalUser user, bool isHere)
    {
        foreach (var conversation in _takesPart.GetValueOrDefault(user.Id) ?? [])
        {
            if (isHere)
            {
                conversation.Here.Add(user);
            }
            else
            {
                conversation.Here.Remove(user);
            }

            // Of more it is enough to have told that there are so many.
            if (conversation.Here.Count <= MostTold)
            {
                TellHere(conversation);
            }
        }
    }

    private int MostTold => Options.Limits.LargeConversation + 1;

    private void TellHere(LocalConversation conversation)
    {
        if (conversation.Entity is { } entity)
        {
            conversation.ToldHereAt = Elapsed;
            entity.Tell(
                new ParticipantsHere(
                    conversation.Id,
                    conversation.Set,
                    [.. conversation.Here.Take(MostTold).Select(user => user.Id)],
                    conversation.Watchers.Count > 0,
                    Asks: false
                ),
                Self
            );
        }
    }

    /// <summary>It was told to a hub that was here before, or what was told is lost.</summary>
    private void AskWhoTakesPart(LocalConversation conversation)
    {
        if (!(Elapsed - conversation.AskedAt < AskAgain))
        {
            conversation.AskedAt = Elapsed;
            Sender.Tell(new ParticipantsHere(conversation.Id, Set: 0, [], Watched: false, Asks: true), Self);
        }
    }

    /// <summary>To the participants here who may see it, but the typist; in a large conversation only to the sockets that watch it.</summary>
    private void OnTypingChanged(TypingChanged changed)
    {
        if (changed.Participants is { } participants)
        {
            OnTypingOfBefore(changed, participants);
            return;
        }

        var conversation = ConversationOf(changed.ConversationId);
        conversation.HeardAt = Elapsed;
        if (conversation.Set != changed.Set)
        {
            AskWhoTakesPart(conversation);
            return;
        }

        var push = new TypingToldTo(this, changed, conversation);
        if (changed.IsLarge || conversation.Here.Count > Options.Limits.LargeConversation)
        {
            foreach (var socket in conversation.Watchers.Where(socket => conversation.Participants.Contains(socket.User.Id)))
            {
                push.To(socket, SeesTyping(socket.User, changed));
            }
        }
        else
        {
            foreach (var user in conversation.Here)
            {
                push.To(user, SeesTyping(user, changed));
            }
        }

        if (!changed.IsTyping)
        {
            push.ToThoseWhoSawItBegin();
        }

        if (Elapsed - conversation.ToldHereAt >= ConversationHubs.TellAgain)
        {
            TellHere(conversation);
        }
    }

    /// <summary>From a node of the build before, which names all participants each time.</summary>
    private void OnTypingOfBefore(TypingChanged changed, ImmutableHashSet<UserId> participants)
    {
        var online = participants.Where(_local.ContainsKey).Select(participant => _local[participant]).ToList();
        var conversation = ConversationOf(changed.ConversationId);
        var push = new TypingToldTo(this, changed, conversation);
        var isLarge = online.Count > Options.Limits.LargeConversation;
        foreach (var user in online)
        {
            var sees = SeesTyping(user, changed);
            user.Sockets.ForEach(socket => push.To(socket, sees && (!isLarge || conversation.Watchers.Contains(socket))));
        }

        ForgetEmpty(conversation);
    }

    private void NoteShown(HubSocket socket, ConversationId conversation, UserId typist, TimeSpan until)
    {
        (socket.Typing ??= new()).Begin(conversation, typist, until, Elapsed);
        ConversationOf(conversation).NoteTold(socket, until);
    }

    private void ForgetShown(HubSocket socket, ConversationId id)
    {
        socket.Typing?.Forget(id);
        if (_conversations.TryGetValue(id, out var conversation))
        {
            conversation.Told.Remove(socket);
            ForgetEmpty(conversation);
        }
    }

    /// <summary>A socket that is gone is told of no end.</summary>
    private void ForgetShown(HubSocket socket)
    {
        foreach (var conversation in socket.Typing?.Conversations.ToList() ?? [])
        {
            ForgetShown(socket, conversation);
        }
    }

    /// <summary>Its user takes part no more: to it, those who type on have stopped.</summary>
    private void EndShown(HubSocket socket, LocalConversation conversation)
    {
        foreach (var typist in socket.Typing?.In(conversation.Id) ?? [])
        {
            TellStopped(socket, conversation.Id, typist);
        }

        socket.Typing?.Forget(conversation.Id);
        conversation.Told.Remove(socket);
    }

    /// <summary>Its user blocks the typist now: to it, the typist has stopped.</summary>
    private void EndShown(HubSocket socket, UserId typist)
    {
        foreach (var conversation in socket.Typing?.Conversations.ToList() ?? [])
        {
            if (socket.Typing!.End(conversation, typist))
            {
                TellStopped(socket, conversation, typist);
            }
        }
    }

    private void TellStopped(HubSocket socket, ConversationId conversation, UserId typist)
    {
        var frame = _services.Encoder.Typing(conversation, typist, isTyping: false, TimeSpan.Zero, _clock.Wall);
        Deliver(socket, connection => connection.DeliverTyping(conversation, typist, frame));
    }

    private void ForgetConversations()
    {
        var before = Elapsed - ForgetConversation;
        foreach (var conversation in _conversations.Values.Where(conversation => conversation.HeardAt <= before).ToList())
        {
            if (conversation.Set == 0 && conversation.Told.Count == 0)
            {
                // Only watched.
                continue;
            }

            foreach (var (socket, until) in conversation.Told)
            {
                if (until <= Elapsed)
                {
                    conversation.Told.Remove(socket);
                }
            }

            if (conversation.Told.Count == 0)
            {
                ForgetParticipants(conversation);
            }

            ForgetEmpty(conversation);
        }
    }

    private void ForgetParticipants(LocalConversation conversation)
    {
        foreach (var user in conversation.Participants)
        {
            TakesPartNoMore(user, conversation);
        }

        var entity = conversation.Entity;
        conversation.ForgetParticipants();
        entity?.Tell(new ParticipantsHere(conversation.Id, Set: 0, [], Watched: false, Asks: false), Self);
    }

    private void ForgetEmpty(LocalConversation conversation)
    {
        if (conversation.IsEmpty)
        {
            _conversations.Remove(conversation.Id);
        }
    }

    private static bool SeesTyping(LocalUser viewer, TypingChanged changed) =>
        viewer.Id != changed.Typist
        && Audience.SeesTyping(changed.Rule, viewer.Id, viewer.Contacts.Contains(changed.Typist), viewer.Blocked.Contains(changed.Typist));

    /// <summary>One typing, encoded once for all who are told of it.</summary>
    private sealed class TypingToldTo(HubActor hub, TypingChanged changed, LocalConversation conversation)
    {
        private ReadOnlyMemory<byte>? _frame;

        public void To(LocalUser user, bool concerns)
        {
            foreach (var socket in user.Sockets)
            {
                To(socket, concerns);
            }
        }

        public void To(HubSocket socket, bool concerns)
        {
            if (!socket.Welcomed || !Note(socket, concerns))
            {
                return;
            }

            var frame = _frame ??= hub._services.Encoder.Typing(
                changed.ConversationId,
                changed.Typist,
                changed.IsTyping,
                changed.EndsIn,
                changed.At
            );
            hub.Deliver(socket, connection => connection.DeliverTyping(changed.ConversationId, changed.Typist, frame));
        }

        /// <summary>Whoever was told of a beginning is told of its end, also one who takes part, watches, or is a contact no more. Those whose time is over are forgotten.</summary>
        public void ToThoseWhoSawItBegin()
        {
            List<HubSocket>? over = null;
            foreach (var (socket, until) in conversation.Told)
            {
                To(socket, concerns: false);
                if (until <= hub.Elapsed)
                {
                    (over ??= []).Add(socket);
                }
            }

            over?.ForEach(socket => conversation.Told.Remove(socket));
        }

        private bool Note(HubSocket socket, bool concerns)
        {
            if (!changed.IsTyping)
            {
                return socket.Typing?.End(changed.ConversationId, changed.Typist) == true || concerns;
            }

            if (concerns)
            {
                hub.NoteShown(socket, changed.ConversationId, changed.Typist, hub.Elapsed + changed.EndsIn);
            }

            return concerns;
        }
    }
}
