using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Dispatch;
using Akka.Event;

namespace Presence.Host;

/// <summary>Hands Akka's lines to the logger of all others, each under its own category. Akka.Hosting's own logger puts a time, a level and a thread of its own into the text.</summary>
internal sealed partial class AkkaLog : UntypedActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    private readonly LogFilterEvaluator _filter = Context.System.Settings.LogFilter;
    private readonly ILoggerFactory _loggers = Context.System.Settings.Setup.Get<AkkaLogSetup>().Value.Loggers;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case InitializeLogger:
                Sender.Tell(new LoggerInitialized());
                break;
            // What the filter expands is the line in Akka's own form.
            case LogEvent line when _filter.ShouldTryKeepMessage(line, out _):
                Write(_loggers.CreateLogger(CategoryOf(line)), LevelOf(line), line.Cause, line.Message?.ToString(), line.LogSource);
                break;
        }
    }

    /// <summary>The type that speaks; the transport has none, but a name, which is the source.</summary>
    private static string CategoryOf(LogEvent line) =>
        line.LogClass == typeof(DummyClassForStringSources) ? nameof(Akka) : line.LogClass.FullName ?? nameof(Akka);

    private static Microsoft.Extensions.Logging.LogLevel LevelOf(LogEvent line) =>
        line.LogLevel() switch
        {
            Akka.Event.LogLevel.DebugLevel => Microsoft.Extensions.Logging.LogLevel.Debug,
            Akka.Event.LogLevel.InfoLevel => Microsoft.Extensions.Logging.LogLevel.Information,
            Akka.Event.LogLevel.WarningLevel => Microsoft.Extensions.Logging.LogLevel.Warning,
            _ => Microsoft.Extensions.Logging.LogLevel.Error,
        };

    [LoggerMessage(EventId = 1, Message = "{Text} ({Source})")]
    private static partial void Write(
        ILogger logger,
        Microsoft.Extensions.Logging.LogLevel level,
        Exception? cause,
        string? text,
        string? source
    );
}

/// <summary>The logger of all others, for <see cref="AkkaLog"/>, which Akka makes itself.</summary>
internal sealed class AkkaLogSetup(ILoggerFactory loggers) : Setup
{
    public ILoggerFactory Loggers => loggers;
}
