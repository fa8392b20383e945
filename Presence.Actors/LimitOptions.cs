using Presence.Core.Limits;

namespace Presence.Actors;

/// <summary>Limits, each with the attack or accident it stops. Configuration section <c>Presence:Limits</c>; the table is in docs/limits.md.</summary>
public sealed partial record LimitOptions
{
    /// <summary>How long a new connection may take to send its first byte, and from there its whole request head (default: 8 s); over it it is closed. Against handshakes that are silent, or come a byte a second.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How long a connection may stay open between two HTTP requests (default: 75 s, above the 60 s of usual gateways); over it it is closed. No socket's time. Against connections that are kept for nothing.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>All headers of a request together, in bytes (default: 16,384); over it 431. Against memory filled by request heads.</summary>
    public int HeaderBytes { get; init; } = 16 * 1024;

    /// <summary>Headers of a request (default: 64); over it 431. Against many small ones.</summary>
    public int HeaderCount { get; init; } = 64;

    /// <summary>The largest message from a client, in bytes (default: 65,536: 1,000 UUIDs fit; at most 16 MiB); over it 1009. Against memory filled by one frame.</summary>
    public int MessageBytes { get; init; } = 64 * 1024;

    /// <summary>The largest body of an HTTP request but <c>/import</c>, in bytes (default: 1 MiB); over it 413. Against memory filled by one request.</summary>
    public int BodyBytes { get; init; } = 1024 * 1024;

    /// <summary>The longest line of an import, in bytes (default: 1 MiB: 10,000 ids of the length of a UUID fit); over it the line is refused. Against memory filled by one line.</summary>
    public int ImportLineBytes { get; init; } = 1024 * 1024;

    /// <summary>Lines of an import (default: 10,000,000); at the next one it ends with <c>too_large</c>, what came before is written. Against an import that never ends.</summary>
    public int ImportLines { get; init; } = 10_000_000;

    /// <summary>Malformed frames on a socket before it is closed with 4400 (default: 10). Against a broken client that never stops.</summary>
    public int MalformedFrames { get; init; } = 10;

    /// <summary>Frames a second on a socket, after a burst (default: 50); over it <c>rate_limited</c>. One that subscribes counts as one for each 200 ids. Against a client in a loop.</summary>
    public int FramesPerSecond { get; init; } = 50;

    /// <summary>Frames at once on a socket (default: 100). Room for a client that has just connected.</summary>
    public int FramesBurst { get; init; } = 100;

    /// <summary>Frames a minute on a socket, after a minute's worth at once (default: 1,200); over it <c>rate_limited</c>. Against a load that a second doesn't show.</summary>
    public int FramesPerMinute { get; init; } = 1_200;

    /// <summary>Frames a minute on a socket that may be refused as <c>rate_limited</c> (default: 600); over it the socket is closed with 4429. Against a client that goes on regardless.</summary>
    public int RefusedFrames { get; init; } = 600;

    /// <summary>Pings, pongs and fragments a minute on a socket, after a minute's worth at once (default: 12,000); over it the socket is closed with 4429. Against pings that are each answered, and messages that never end.</summary>
    public int FragmentsPerMinute { get; init; } = 12_000;

    /// <summary>Changes of its presence, its privacy rule and its devices (ending one) that a user may make a second, after a burst, over all devices and channels (default: 1); over it <c>rate_limited</c>. A service's are not counted. Against a journal, and watchers, flooded by one user.</summary>
    public int ChangesPerSecond { get; init; } = 1;

    /// <summary>Changes of its presence that a user may make at once (default: 20).</summary>
    public int ChangesBurst { get; init; } = 20;

    /// <summary>The largest privacy rule, in bytes of its JSON (default: 262,144, some 6,000 blocked users with ids of the length of a UUID); over it <c>too_large</c>. Against a journal, and messages between nodes, filled by one rule.</summary>
    public int PrivacyRuleBytes { get; init; } = 256 * 1024;

    /// <summary>Typings a second of a user, after a burst, over all devices and channels (default: 5); over it <c>rate_limited</c>, without a word where the frame has no id. Against participants flooded by one user.</summary>
    public int TypingPerSecond { get; init; } = 5;

    /// <summary>Typings of a user at once (default: 20).</summary>
    public int TypingBurst { get; init; } = 20;

    /// <summary>What a socket has asked for and was not answered yet (default: 100); over it <c>rate_limited</c>. Against questions that pile up while a store, or a node, is slow.</summary>
    public int OpenQuestions { get; init; } = 100;

    /// <summary>Users one socket may subscribe to, contacts aside (default: 10,000); over it <c>too_many_ids</c>. Against one socket that watches everybody.</summary>
    public int Subscriptions { get; init; } = 10_000;

    /// <summary>Conversations one socket may watch (default: 1,000); over it <c>too_many_ids</c>. Against one socket that watches everything.</summary>
    public int WatchedConversations { get; init; } = 1_000;

    /// <summary>What all sockets of a user on a node subscribe to and watch, in bytes: each id counts with its length and 64 more (default: 4 MiB: 10,000 UUIDs on each of four devices fit); over it <c>too_many_ids</c>. Against one user who fills a node's memory and the store with many sockets.</summary>
    public int WatchedBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Conversations of a node in which somebody types, or that were asked for just now (default: 50,000); over it <c>unavailable</c>. Against more than its memory holds.</summary>
    public int ConversationsPerNode { get; init; } = 50_000;

    /// <summary>Different users, contacts aside where they are known, and conversations that a viewer may ask about an hour, by subscribing, reading, watching or typing, on each node for itself (default: 10,000); over it <c>rate_limited</c>. A service's are not counted. Against somebody who reads everybody.</summary>
    public int TargetsPerHour { get; init; } = 10_000;

    /// <summary>Devices one user may have connected (default: 50); over it <c>too_many_devices</c>. Against one user who fills an entity.</summary>
    public int Devices { get; init; } = 50;

    /// <summary>Devices known of one user, those connected too (default: 100; not below <see cref="Devices"/>); over it the one that was active longest ago is forgotten. Against a store filled by one user, whose client comes with another device each time.</summary>
    public int KnownDevices { get; init; } = 100;

    /// <summary>Contacts of one user, also those made by others who name the user (default: 10,000; at most 20,000, whose list a node can tell another); over it <c>too_many_ids</c>. Against one user who is everybody's contact, and no message can carry the list.</summary>
    public int Contacts { get; init; } = 10_000;

    /// <summary>Participants of one conversation (default: 10,000; at most 20,000); over it <c>too_many_ids</c>. Against a conversation that no message can carry.</summary>
    public int Participants { get; init; } = 10_000;

    /// <summary>Sockets, streams too, of one user on a node (default: 100); over it 429. Against one user who takes all places.</summary>
    public int SocketsPerUser { get; init; } = 100;

    /// <summary>Connections of one address on a node, of one /64 with IPv6 (default: 1,000); over it they are closed. Those of this machine and of trusted proxies are not counted, since they are those of many. Against one machine that takes all places.</summary>
    public int ConnectionsPerAddress { get; init; } = 1_000;

    /// <summary>Sockets, streams too, of a node (default: 100,000); over it 503. Against more than its memory holds.</summary>
    public int SocketsPerNode { get; init; } = 100_000;

    /// <summary>Connections of a node, sockets too (default: 120,000; above <see cref="SocketsPerNode"/>, whose refusal says why); over it they are closed. The system's own limit of open files should be above. Against connections that ask for nothing.</summary>
    public int ConnectionsPerNode { get; init; } = 120_000;

    /// <summary>Sockets of a node that were accepted only to be told 4401 (default: 1,000); over it 401 before the upgrade. Against places taken by those who have proved nothing.</summary>
    public int UnauthenticatedSockets { get; init; } = 1_000;

    /// <summary>Sockets, streams too, that a node takes a second, after a burst (default: 500); those over it wait their turn. Against a whole crowd that comes back at once.</summary>
    public int ConnectsPerSecond { get; init; } = 500;

    /// <summary>Sockets that a node takes at once (default: 2,000).</summary>
    public int ConnectsBurst { get; init; } = 2_000;

    /// <summary>Sockets that wait to be taken (default: 1,500, 3 s at the default rate); over it 503, with a <c>Retry-After</c> that differs. Against a queue longer than clients are patient.</summary>
    public int ConnectsWaiting { get; init; } = 1_500;

    /// <summary>Sockets, streams too, that one user may open on a node a minute, after a burst (default: 60); over it 429. Against clients that replace each other without end.</summary>
    public int UserConnectsPerMinute { get; init; } = 60;

    /// <summary>Sockets that one user may open on a node at once (default: 100, as many as a user may have: they all come back after a restart).</summary>
    public int UserConnectsBurst { get; init; } = 100;

    /// <summary>HTTP requests a second of a user on a node, after a burst (default: 500); over it 429. A service's are not counted. Against a client in a loop.</summary>
    public int RequestsPerSecond { get; init; } = 500;

    /// <summary>HTTP requests of a user at once (default: 1,000).</summary>
    public int RequestsBurst { get; init; } = 1_000;

    /// <summary>Frames waiting for one slow reader beside conflated ones (default: 1,000); over it the socket is closed with 4503. Against memory filled by a client that reads nothing.</summary>
    public int OutboxFrames { get; init; } = 1_000;

    /// <summary>What waits for one slow reader, in bytes (default: 262,144); over it, and with nothing taken for a second, the socket is closed with 4503. Against memory filled by a client that reads nothing.</summary>
    public int OutboxBytes { get; init; } = 256 * 1024;

    /// <summary>A reader that takes nothing for that long is closed with 4503 (default: 15 s). Against a client that reads nothing.</summary>
    public TimeSpan SlowReader { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Participants online above which typing goes only to the sockets that watch the conversation (default: 100). Against each keystroke going to thousands.</summary>
    public int LargeConversation { get; init; } = 100;

    /// <summary>Events waiting for one user, of durable ones and of the others each (default: 100; at most 250); over it the oldest go. Against a user who never comes back, or never acknowledges.</summary>
    public int Events { get; init; } = 100;

    /// <summary>The largest payload of an event, in bytes (default: 32,768; at most 65,536, which one message between nodes can carry); over it <c>too_large</c>. Against memory filled by one event.</summary>
    public int EventBytes { get; init; } = 32 * 1024;

    /// <summary>Frames a socket.</summary>
    public Rate Frames => Rate.PerSecond(FramesBurst, FramesPerSecond);

    /// <summary>Frames a socket, over a longer time.</summary>
    public Rate FramesLong => new(FramesPerMinute, FramesPerMinute, TimeSpan.FromMinutes(1));

    /// <summary>Refused frames a socket.</summary>
    public Rate Refusals => new(RefusedFrames, RefusedFrames, TimeSpan.FromMinutes(1));

    /// <summary>Frames a socket that are no message, or not the end of one.</summary>
    public Rate Fragments => new(FragmentsPerMinute, FragmentsPerMinute, TimeSpan.FromMinutes(1));

    /// <summary>Changes of its presence a user.</summary>
    public Rate Changes => Rate.PerSecond(ChangesBurst, ChangesPerSecond);

    /// <summary>Sockets that a user opens.</summary>
    public Rate UserConnects => new(UserConnectsBurst, UserConnectsPerMinute, TimeSpan.FromMinutes(1));

    /// <summary>Typings a user.</summary>
    public Rate Typings => Rate.PerSecond(TypingBurst, TypingPerSecond);
}
