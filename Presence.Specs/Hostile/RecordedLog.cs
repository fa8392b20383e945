using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Presence.Specs.Hostile;

/// <summary>Keeps what a host logs of what went wrong: whatever is an error, or tells of an exception.</summary>
internal sealed class RecordedLog : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _faults = new();

    /// <summary>The faults, in order, since it was asked last.</summary>
    public IReadOnlyCollection<string> Take()
    {
        string[] taken = [.. _faults];
        _faults.Clear();
        return taken;
    }

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, _faults);

    public void Dispose() { }

    private sealed class Logger(string category, ConcurrentQueue<string> faults) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            var text = formatter(state, exception);
            if (logLevel >= LogLevel.Error || exception is not null || text.Contains("Exception", StringComparison.Ordinal))
            {
                faults.Enqueue($"{logLevel} {category}: {text} {exception}");
            }
        }
    }
}
