using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Logging;

/// <summary>
/// One line per message on stderr; under systemd with the priority prefixes of sd-daemon(3). Control characters of values
/// are escaped, so that no host name or path can write a line of its own. Nearly all of it is caused by the coordinator, so each
/// value is cut, and they are limited: what is left out is counted and reported with the next line. Errors have a bound of their own.
/// </summary>
internal sealed class ConsoleLog(TextWriter output, bool journal, TimeProvider time) : ILoggerFactory
{
    private readonly Lock _gate = new();
    private readonly LineBudget _errors = new(time);
    private readonly LineBudget _others = new(time);
    private long _leftOut;

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
        var text = LogText.Escape(message);
        if (exception is not null)
        {
            text += $" | {LogText.Escape(exception.ToString().ReplaceLineEndings(" | "))}";
        }

        lock (_gate)
        {
            // What an operator asked for to look into something is not bounded.
            if (level is not (LogLevel.Debug or LogLevel.Trace) && !(level >= LogLevel.Error ? _errors : _others).TryTake(text.Length))
            {
                _leftOut++;
                return;
            }

            if (_leftOut > 0)
            {
                WriteLine(LogLevel.Warning, nameof(ConsoleLog), string.Create(
                    CultureInfo.InvariantCulture, $"{_leftOut} lines were left out here: they came faster than this log takes them"));
                _leftOut = 0;
            }

            WriteLine(level, category, text);
        }
    }

    private void WriteLine(LogLevel level, string category, string text)
    {
        var line = new StringBuilder();
        if (journal)
        {
            line.Append(level switch
            {
                LogLevel.Critical => "<2>",
                LogLevel.Error => "<3>",
                LogLevel.Warning => "<4>",
                LogLevel.Information => "<6>",
                _ => "<7>"
            });
        }
        else
        {
            line.Append(time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ ", CultureInfo.InvariantCulture)).Append(level).Append(' ');
        }

        output.WriteLine(line.Append(category).Append(": ").Append(text).ToString());
    }

    private sealed class Category(ConsoleLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= log.Minimum && logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                log.Write(logLevel, name, formatter(state, exception), exception);
            }
        }
    }
}
