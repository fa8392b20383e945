namespace Presence.Core.Events;

/// <summary>An event that waits for a user.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Bytes">The size of its payload.</param>
/// <param name="Event">The event itself; null: so much waits for the user that it is to be read piece by piece.</param>
public sealed record WaitingEvent(EventId Id, int Bytes, PostedEvent? Event);
