namespace Presence.Host;

/// <summary>The service can't start so: each problem is one line for a person that says what to do.</summary>
public sealed class StartRefusedException(IReadOnlyList<string> problems) : Exception(string.Join(Environment.NewLine, problems))
{
    /// <summary>What is wrong, a line each.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;

    internal static void ThrowIfAny(IReadOnlyList<string> problems)
    {
        if (problems.Count > 0)
        {
            throw new StartRefusedException(problems);
        }
    }
}
