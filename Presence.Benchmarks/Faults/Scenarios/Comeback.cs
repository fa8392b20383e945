using Presence.Benchmarks.Faults.Crowds;

namespace Presence.Benchmarks.Faults.Scenarios;

/// <summary>Half of a crowd loses its connections, the others change, and the first half comes back with tokens and cursors.</summary>
internal static class Comeback
{
    private static readonly TimeSpan AcknowledgedWithin = TimeSpan.FromSeconds(10);

    /// <summary>Whether all end with the truth; what they miss is noted.</summary>
    /// <param name="run">The run; everybody is connected.</param>
    /// <param name="comeBack">Has those who are gone come back, while something is done.</param>
    /// <param name="limit">After that they have the truth.</param>
    public static async Task<bool> AllAreTold(FaultRun run, Func<IReadOnlyList<int>, Task> comeBack, TimeSpan limit)
    {
        int[] viewers = [.. run.Crowd.Expected.Where(user => user % 2 == 0)];
        var others = run.Crowd.Expected.Except(viewers).Select(user => run.Crowd.People[user]).ToArray();
        await run.Crowd.Leave(viewers, Goodbye.Reset);
        await Crowd.Until(() => viewers.All(user => run.Crowd.People[user].Node is null), AcknowledgedWithin);
        Array.ForEach(others, person => person.Choose());
        var acknowledged = await Crowd.Until(() => !others.Any(person => person.Choices.IsOpen), AcknowledgedWithin);
        run.Findings.Hold(acknowledged, $"changes were not acknowledged within {AcknowledgedWithin.TotalSeconds} s");
        await comeBack(viewers);
        return await run.Settled("after they came back", (int)limit.TotalSeconds, isEnd: true) is not null;
    }
}
