namespace Fleet.Coordinator.Storage.Migrations;

/// <summary>How much of each run's log is kept, so that it need not be counted to stay within its bounds.</summary>
internal sealed class LogSizes : IMigration
{
    public string Name => "sizes of logs";

    public string PostgresSql =>
        PostgresTables.From(Sql.Replace("length(CAST(text AS BLOB))", "octet_length(text)", StringComparison.Ordinal));

    public string Sql =>
        """
        ALTER TABLE runs ADD COLUMN log_lines INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE runs ADD COLUMN log_bytes INTEGER NOT NULL DEFAULT 0;
        UPDATE runs SET (log_lines, log_bytes) =
            (SELECT count(*), coalesce(sum(length(CAST(text AS BLOB)) + 40), 0) FROM run_log WHERE run_log.run_id = runs.run_id);
        CREATE INDEX runs_logs ON runs(host_id, queued_at, log_bytes) WHERE log_lines > 0;
        """;
}
