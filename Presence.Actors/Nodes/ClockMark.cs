namespace Presence.Actors.Nodes;

/// <summary>How late the shared clock was, as the store had it, when this node started; read before the actors start.</summary>
public sealed class ClockMark
{
    /// <summary>In microseconds since 1970; 0: there was none.</summary>
    public long AtStart { get; set; }
}
