namespace Presence.Core.Contacts;

/// <summary>How long the lists of the directories may become. One that is longer, since it was written before there was a limit, is read and can be shortened.</summary>
/// <param name="Contacts">Contacts of a user, those that others made by naming the user too.</param>
/// <param name="Participants">Participants of a conversation.</param>
public sealed record ListLimits(int Contacts, int Participants)
{
    /// <summary>As long as the list of one request may be.</summary>
    public static ListLimits Default { get; } = new(10_000, 10_000);
}
