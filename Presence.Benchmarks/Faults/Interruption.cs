using System.Runtime.InteropServices;

namespace Presence.Benchmarks.Faults;

/// <summary>Ctrl-C, or SIGTERM: what was started is ended first.</summary>
internal sealed class Interruption : IDisposable
{
    private const int ExitCode = 130;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly PosixSignalRegistration[] _registrations;

    private Interruption(Action<PosixSignalContext> handler) =>
        _registrations = [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, handler),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, handler),
        ];

    /// <summary>Does that, and ends the process.</summary>
    public static Interruption Then(Func<ValueTask> cleanUp) =>
        new(context =>
        {
            context.Cancel = true;
            cleanUp().AsTask().Wait(Limit);
            Environment.Exit(ExitCode);
        });

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_registrations, registration => registration.Dispose());
}
