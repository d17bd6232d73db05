namespace Fleet.Coordinator.Configuration;

/// <summary>The part of coordinator.yaml that SIGHUP reloads.</summary>
internal sealed record ReloadableOptions
{
    /// <summary>Lowest level that is logged.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>How long events are kept.</summary>
    public TimeSpan EventsKeep { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How long finished runs are kept.</summary>
    public TimeSpan RunsKeep { get; init; } = TimeSpan.FromDays(400);

    /// <summary>Most lines that are kept of one run's log.</summary>
    public int LogLinesPerRun { get; init; } = 10_000;

    /// <summary>How long the five-minute roll-ups of metrics are kept.</summary>
    public TimeSpan RollupsKeep { get; init; } = TimeSpan.FromDays(30);
}
