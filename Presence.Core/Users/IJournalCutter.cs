namespace Presence.Core.Users;

/// <summary>Cuts the journals that grew before each projection cut its user's own.</summary>
/// <remarks>A store out of reach fails the task with <see cref="Errors.StoreUnavailableException"/>.</remarks>
public interface IJournalCutter
{
    /// <summary>Takes the next short step of a walk over the whole journal, which is done once and by all nodes together; false when it is done.</summary>
    Task<bool> CutNext(CancellationToken cancellation);
}
