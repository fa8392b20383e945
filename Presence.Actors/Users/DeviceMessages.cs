using Akka.Actor;
using Akka.Event;
using Presence.Core.Users;

namespace Presence.Actors.Users;

/// <summary>Between a user's entity and its children; never leaves the process.</summary>
internal interface IChildMessage : INoSerializationVerificationNeeded;

/// <summary>What a device is now, told to its user by the device with each change, and with each attachment.</summary>
/// <param name="Device">As its owner sees it in the list.</param>
/// <param name="Presence">As the status rule counts it.</param>
/// <param name="Hub">The hub that has its socket, or null.</param>
/// <param name="Connection">Its connection, or null.</param>
/// <param name="Cause">What it answers.</param>
/// <param name="Answer">Who is to be told that a call has taken effect.</param>
internal sealed record DeviceReport(
    KnownDevice Device,
    DevicePresence Presence,
    IActorRef? Hub,
    ConnectionId? Connection,
    ReportCause Cause,
    ReplyTo? Answer
) : IChildMessage;

/// <summary>What a report answers.</summary>
internal enum ReportCause
{
    /// <summary>Nothing: something changed.</summary>
    Change = 0,

    /// <summary>An <see cref="AttachDevice"/>, which the user then acknowledges.</summary>
    Attached = 1,

    /// <summary>The same, of a connection that was attached before.</summary>
    AttachedAgain = 2,

    /// <summary>A <see cref="DeviceCalled"/>.</summary>
    Called = 3,
}

/// <summary>The device is gone for good: its grace is over, or it was removed.</summary>
internal sealed record DeviceGone(DeviceId DeviceId, DateTimeOffset EndedAt) : IChildMessage;

/// <summary>To the device: it called by HTTP; the answer goes back with the report, and the user is told <paramref name="Then"/> after it, in the caller's name.</summary>
internal sealed record DeviceCalled(DeviceInfo Info, bool Active, ReplyTo? Answer, IUserMessage? Then) : IChildMessage;

/// <summary>To the device: the person is active there, or is not. It connects nothing.</summary>
internal sealed record ActivityTold(bool Active) : IChildMessage;

/// <summary>To the device: its owner, or a service, ends it. No grace.</summary>
internal sealed record EndDevice : IChildMessage
{
    public static EndDevice Instance { get; } = new();
}

/// <summary>To the device: that hub is gone, and its sockets with it.</summary>
internal sealed record HubGone(IActorRef Hub) : IChildMessage, IDeadLetterSuppression;
