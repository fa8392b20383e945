namespace Presence.Adapters.Sql;

/// <summary>Messages for a person who reads one line.</summary>
internal static class OneLine
{
    /// <summary>The first line of a driver's message, without its full stop.</summary>
    public static string Of(string message) => message.Split('\n', 2)[0].Trim().TrimEnd('.');
}
