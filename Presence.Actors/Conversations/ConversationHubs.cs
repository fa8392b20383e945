using System.Collections.Immutable;
using Akka.Actor;
using Presence.Core.Users;

namespace Presence.Actors.Conversations;

/// <summary>What the hubs have told a conversation of its participants: how many are online on all nodes, and which hub a typing concerns.</summary>
/// <remarks>A hub that has told nothing, or nothing lately, is told everything: what it said may have been lost since.</remarks>
internal sealed class ConversationHubs(int large)
{
    /// <summary>For so long a hub is believed that nothing concerns it. Twice as long as <see cref="TellAgain"/>.</summary>
    private static readonly TimeSpan Believed = TimeSpan.FromSeconds(10);

    /// <summary>So old a word no longer counts at all: its node is gone.</summary>
    private static readonly TimeSpan Forgotten = TimeSpan.FromSeconds(30);

    private readonly Dictionary<IActorRef, Seat> _seats = [];

    /// <summary>A hub to which a conversation tells something says again whom it has, if it last did so long ago.</summary>
    public static TimeSpan TellAgain { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether more participants are online than a conversation may have that isn't large.</summary>
    public bool IsLarge { get; private set; }

    /// <summary>A hub tells which participants it has.</summary>
    public void Take(IActorRef hub, ParticipantsHere here, DateTimeOffset now)
    {
        _seats[hub] = new(here, now);
        Count(now);
    }

    /// <summary>A hub knows the participants no more.</summary>
    public void Forget(IActorRef hub, DateTimeOffset now)
    {
        _seats.Remove(hub);
        Count(now);
    }

    /// <summary>The nodes whose hubs have nobody to tell. The end of a typing goes also where nobody watches: the conversation may have become large since it was told of.</summary>
    public ImmutableHashSet<Address> Unconcerned(bool isTyping, DateTimeOffset now)
    {
        var unconcerned = ImmutableHashSet<Address>.Empty;
        foreach (var (hub, seat) in _seats)
        {
            if (now - seat.At < Believed && (seat.Here.Online.IsEmpty || (IsLarge && isTyping && !seat.Here.Watched)))
            {
                unconcerned = unconcerned.Add(hub.Path.Address);
            }
        }

        return unconcerned;
    }

    private void Count(DateTimeOffset now)
    {
        foreach (var (hub, seat) in _seats)
        {
            if (now - seat.At >= Forgotten)
            {
                _seats.Remove(hub);
            }
        }

        // Who has a socket on each of two nodes is one.
        var online = new HashSet<UserId>();
        foreach (var seat in _seats.Values)
        {
            online.UnionWith(seat.Here.Online);
        }

        IsLarge = online.Count > large;
    }

    private sealed record Seat(ParticipantsHere Here, DateTimeOffset At);
}
