namespace Fleet.Coordinator.Storage.Migrations;

/// <summary>
/// Indexes for every way of listing a history, in the order of the list, so that old entries cost a list nothing. Statements name the
/// index that they use (INDEXED BY), so that SQLite's statistics and guesses do not decide. Runs that have not ended are few and
/// change often: they have indexes of their own, and a run enters those of the history once, when it ends (+state, so that SQLite does not
/// take the condition for a range to read). Also: the result of a run's newest attempt is in runs alone.
/// </summary>
internal sealed class HistoryIndexes : IMigration
{
    public string Name => "indexes of the history, each result once";

    public string PostgresSql =>
        PostgresTables.From(Sql)
            .Replace("a.result_proto IS r.result_proto", "a.result_proto = r.result_proto", StringComparison.Ordinal)
            .Replace("CROSS JOIN", "JOIN", StringComparison.Ordinal)
            .Replace("+state", "state", StringComparison.Ordinal);

    public string Sql =>
        """
        DROP INDEX runs_newest;
        DROP INDEX runs_policy;
        DROP INDEX runs_host;
        DROP INDEX runs_state;
        DROP INDEX runs_finished;
        CREATE INDEX runs_open ON runs(state, scheduled_at DESC, run_id DESC) WHERE state <= 3;
        CREATE INDEX runs_open_host ON runs(host_id, state, not_before) WHERE state <= 3;
        CREATE INDEX runs_ended ON runs(state, scheduled_at DESC, run_id DESC) WHERE +state > 3;
        CREATE INDEX runs_ended_policy ON runs(policy, state, scheduled_at DESC, run_id DESC) WHERE +state > 3;
        CREATE INDEX runs_ended_host ON runs(host_id, state, scheduled_at DESC, run_id DESC) WHERE +state > 3;
        CREATE INDEX runs_ended_host_policy ON runs(host_id, policy, state, scheduled_at DESC, run_id DESC) WHERE +state > 3;
        CREATE INDEX runs_ended_at ON runs(finished_at, state, dry_run) WHERE +state > 3;

        CREATE TABLE run_attempts_once (
            run_id TEXT NOT NULL REFERENCES runs(run_id) ON DELETE CASCADE,
            attempt INTEGER NOT NULL,
            finished_at INTEGER NOT NULL,
            result_proto BLOB,                           -- NULL: it is that of the run
            PRIMARY KEY (run_id, attempt)
        ) WITHOUT ROWID;
        INSERT INTO run_attempts_once
            SELECT a.run_id, a.attempt, a.finished_at, CASE WHEN a.result_proto IS r.result_proto THEN NULL ELSE a.result_proto END
            FROM run_attempts a CROSS JOIN runs r ON r.run_id = a.run_id ORDER BY a.run_id, a.attempt;
        DROP TABLE run_attempts;
        ALTER TABLE run_attempts_once RENAME TO run_attempts;

        DROP INDEX events_at;
        CREATE INDEX events_type ON events(type);
        CREATE INDEX events_host ON events(host_name, type) WHERE host_name <> '';
        CREATE INDEX events_policy ON events(policy, type, sequence, host_name) WHERE policy <> '';

        DROP INDEX snapshots_newest;
        CREATE INDEX snapshots_newest ON snapshots(gone_at IS NULL, created_at DESC, id DESC);
        CREATE INDEX snapshots_host ON snapshots(host_id, gone_at IS NULL, created_at DESC, id DESC);
        CREATE INDEX snapshots_policy ON snapshots(policy, gone_at IS NULL, created_at DESC, id DESC);
        CREATE INDEX snapshots_origin ON snapshots(origin, gone_at IS NULL, created_at DESC, id DESC);
        """;
}
