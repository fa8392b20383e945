using System.Diagnostics;

namespace Presence.Benchmarks;

/// <summary>A PostgreSQL on a free port, as long as this process lives, however that ends; and what can happen to one.</summary>
internal sealed class ThrowAwayPostgres : IAsyncDisposable
{
    // The first run on a machine may have to download the server.
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan WordTimeout = TimeSpan.FromSeconds(45);

    private readonly Process _script;

    private ThrowAwayPostgres(Process script) => _script = script;

    /// <summary>To connect as a superuser from this machine.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>Starts one.</summary>
    /// <param name="options">Of <c>serve.sh</c>: <c>--durable</c>, <c>--also=10.0.0.1/24</c>.</param>
    /// <returns>The server, or why none can be had.</returns>
    public static async Task<(ThrowAwayPostgres? Server, string? SkipReason)> Start(params string[] options)
    {
        if (OperatingSystem.IsWindows())
        {
            return (null, "PostgreSQL specs, no server is started on Windows: set PRESENCE_TEST_POSTGRES");
        }

        var script = Path.Combine(AppContext.BaseDirectory, "Sql", "postgres", "serve.sh");
        var server = new ThrowAwayPostgres(
            Process.Start(
                new ProcessStartInfo("bash", [script, .. options]) { RedirectStandardInput = true, RedirectStandardOutput = true }
            ) ?? throw new InvalidOperationException("bash could not be started")
        );
        var answer = await server.Answer(StartTimeout);
        switch (answer.Split(' ', 2))
        {
            case ["READY", var connectionString]:
                server.ConnectionString = connectionString;
                return (server, null);
            case ["SKIPPED", var reason]:
                await server.DisposeAsync();
                return (null, reason);
            default:
                await server.DisposeAsync();
                throw new InvalidOperationException($"The PostgreSQL did not start: '{answer}'");
        }
    }

    /// <summary>Ends it as a crash would: nobody is told, nothing is waited for.</summary>
    public Task Crash() => Say("crash");

    /// <summary>Starts it again after a <see cref="Crash"/>, on the same data and port.</summary>
    public Task StartAgain() => Say("start");

    /// <summary>Stops all its processes where they stand: it takes connections and answers nothing.</summary>
    public Task Pause() => Say("pause");

    /// <summary>Lets it go on after a <see cref="Pause"/>.</summary>
    public Task Continue() => Say("continue");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // The script stops the server when its input ends, so a killed run leaves none behind either.
        _script.StandardInput.Close();
        await _script.WaitForExitAsync().WaitAsync(WordTimeout);
        _script.Dispose();
    }

    private async Task Say(string word)
    {
        await _script.StandardInput.WriteLineAsync(word);
        await _script.StandardInput.FlushAsync();
        if (await Answer(WordTimeout) is var answer && answer != "DONE")
        {
            throw new InvalidOperationException($"The PostgreSQL answered {word} with '{answer}'");
        }
    }

    private async Task<string> Answer(TimeSpan limit)
    {
        using var patience = new CancellationTokenSource(limit);
        return await _script.StandardOutput.ReadLineAsync(patience.Token) ?? "";
    }
}
