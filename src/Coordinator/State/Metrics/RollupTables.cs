using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.State.Metrics;

/// <summary>The tables of metrics.db.</summary>
internal sealed class RollupTables : IMigration
{
    public string Name => "roll-ups";

    public string Sql =>
        """
        CREATE TABLE metric_hosts (
            host_number INTEGER PRIMARY KEY,
            host_id TEXT NOT NULL UNIQUE
        );
        CREATE TABLE metric_series (
            host_number INTEGER NOT NULL,
            series_number INTEGER NOT NULL,
            name TEXT NOT NULL,
            labels TEXT NOT NULL,                        -- JSON object, keys in order
            kind INTEGER NOT NULL,                       -- MetricKind
            seen_window INTEGER NOT NULL,                -- newest window with a value, to the day
            PRIMARY KEY (host_number, series_number)
        ) WITHOUT ROWID;
        CREATE TABLE rollups (
            key INTEGER PRIMARY KEY,                     -- host_number * 2^32 + window (Unix time / 300 s)
            points BLOB NOT NULL                         -- RollupBlob
        );
        """;
}
