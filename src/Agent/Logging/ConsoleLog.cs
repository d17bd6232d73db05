using System.Text;
using Fleet.Agent.Tools;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Logging;

/// <summary>
/// One line per message on stderr; under systemd with the priority prefixes of sd-daemon(3). Control characters of values
/// are escaped, so that no host name or path can write a line of its own.
/// </summary>
internal sealed class ConsoleLog(TextWriter output, bool journal, TimeProvider time) : ILoggerFactory
{
    private readonly Lock _gate = new();

    /// <summary>Can change while running: agent.yaml, log_level.</summary>
    public LogLevel Minimum { get; set; } = LogLevel.Information;

    public static ConsoleLog ForThisProcess(TimeProvider time) =>
        new(Console.Error, Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 }, time);

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName[(categoryName.LastIndexOf('.') + 1)..]);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("this log has one sink");

    public void Dispose()
    {
    }

    private void Write(LogLevel level, string category, string message, Exception? exception)
    {
        var line = new StringBuilder();
        if (journal)
        {
            line.Append(level switch { LogLevel.Critical => "<2>", LogLevel.Error => "<3>", LogLevel.Warning => "<4>", LogLevel.Information => "<6>", _ => "<7>" });
        }
        else
        {
            line.Append(time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ ", System.Globalization.CultureInfo.InvariantCulture)).Append(level).Append(' ');
        }

        line.Append(category).Append(": ").Append(LogText.Escape(message));
        if (exception is not null)
        {
            line.Append(" | ").Append(LogText.Escape(exception.ToString().ReplaceLineEndings(" | ")));
        }

        lock (_gate)
        {
            output.WriteLine(line.ToString());
        }
    }

    private sealed class Category(ConsoleLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= log.Minimum && logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                log.Write(logLevel, name, formatter(state, exception), exception);
            }
        }
    }
}
