using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Presence.Benchmarks;

/// <summary>The service as a process of its own, as an operator runs it: <c>dotnet Presence.Host.dll</c> on a free port of this machine.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private const string Listens = "Presence listens on ";

    private readonly Process _process;
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<string> _output = [];
    private readonly ConcurrentQueue<string> _errors = [];

    private HostProcess(Process process) => _process = process;

    /// <summary>The service as it was built with this.</summary>
    public static string ThisBuild { get; } = Path.Combine(AppContext.BaseDirectory, "Presence.Host.dll");

    /// <summary>Where it listens.</summary>
    public Uri Address => _listening.Task.Result;

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>The lines on its standard output.</summary>
    public IReadOnlyCollection<string> Output => _output;

    /// <summary>The lines on its standard error.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    /// <summary>Whether it runs.</summary>
    public bool Runs => !_process.HasExited;

    /// <summary>Done when it listens; failed when it ended instead.</summary>
    public Task Listening => _listening.Task;

    /// <summary>Starts it, on that database file and with those settings beside, and returns at once.</summary>
    /// <param name="database">The SQLite file.</param>
    /// <param name="settings">As <c>Presence__OfflineGrace=00:00:01</c>; they win over the file and the port.</param>
    public static HostProcess Launch(string database, params string[] settings) =>
        Launch([], ["ASPNETCORE_URLS=http://127.0.0.1:0", $"Presence__Storage__ConnectionString=Data Source={database}", .. settings]);

    /// <summary>Starts it with nothing but those settings, and returns at once.</summary>
    /// <param name="within">The command that becomes it, such as <c>ip netns exec …</c>; none: it is started by itself.</param>
    /// <param name="settings">As <c>Presence__OfflineGrace=00:00:01</c>; of two of a name the later wins.</param>
    /// <param name="build">The assembly of another build; null for this one's.</param>
    public static HostProcess Launch(IReadOnlyCollection<string> within, IReadOnlyCollection<string> settings, string? build = null)
    {
        string[] command = [.. within, DotNet(), build ?? ThisBuild];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Nothing of it is to land in the folder from which this is run.
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var setting in settings)
        {
            var split = setting.IndexOf('=', StringComparison.Ordinal);
            start.Environment[setting[..split]] = setting[(split + 1)..];
        }

        var host = new HostProcess(new Process { StartInfo = start, EnableRaisingEvents = true });
        host.Begin();
        return host;
    }

    /// <summary>Starts it and returns when it listens.</summary>
    /// <exception cref="InvalidOperationException">It ended instead; the message has what it said.</exception>
    public static async Task<HostProcess> Start(string database, params string[] settings)
    {
        var host = Launch(database, settings);
        try
        {
            await host._listening.Task.WaitAsync(TimeSpan.FromSeconds(60));
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks it to stop, as an operator's supervisor does.</summary>
    public void Terminate() => Signal(15);

    /// <summary>Ends it without a word.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Stops it where it stands, as a machine does that swaps, or is moved.</summary>
    public void Pause() => Signal(19);

    /// <summary>Lets it go on after a <see cref="Pause"/>.</summary>
    public void Continue() => Signal(18);

    /// <summary>Waits for its end; its exit code.</summary>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public async Task<int> Exit(TimeSpan limit)
    {
        await _process.WaitForExitAsync().WaitAsync(limit);
        return _process.ExitCode;
    }

    /// <summary>The processor time it has used, in seconds, and its resident memory, in bytes, as the kernel counts them.</summary>
    public (double CpuSeconds, long ResidentBytes) Usage()
    {
        _process.Refresh();
        return (_process.TotalProcessorTime.TotalSeconds, _process.WorkingSet64);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Runs)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Begin()
    {
        _process.OutputDataReceived += (_, line) => OnOutput(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(_errors, line.Data);
        _process.Exited += (_, _) => _listening.TrySetException(new InvalidOperationException(Ended()));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void OnOutput(string? line)
    {
        Keep(_output, line);
        if (line?.StartsWith(Listens, StringComparison.Ordinal) == true)
        {
            _listening.TrySetResult(new Uri(line[Listens.Length..].Split(',')[0]));
        }
    }

    private string Ended() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"the service ended with {_process.ExitCode}: {string.Join(' ', _errors)} {string.Join(' ', _output)}"
        );

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
        }
    }

    private static string DotNet() =>
        Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : "dotnet";

    private void Signal(int number)
    {
        if (SendSignal(_process.Id, number) != 0)
        {
            throw new InvalidOperationException($"the signal {number} could not be sent to {_process.Id}");
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
