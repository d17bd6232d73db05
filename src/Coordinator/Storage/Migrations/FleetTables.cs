namespace Fleet.Coordinator.Storage.Migrations;

/// <summary>
/// Hosts, policies, runs and events. Instants are milliseconds since the Unix epoch, UTC; enums are their numbers in
/// proto/fleet/v1; columns named *_proto hold serialised messages.
/// </summary>
internal sealed class FleetTables : IMigration
{
    public string Name => "hosts, policies, runs, events";

    public string Sql =>
        """
        CREATE TABLE hosts (
            host_id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            enrol_labels TEXT NOT NULL DEFAULT '{}',     -- JSON object: labels from the enrolment
            labels TEXT NOT NULL DEFAULT '{}',           -- JSON object: the labels that count
            enrolled_at INTEGER NOT NULL,
            removed_at INTEGER,
            removed_reason TEXT,
            certificate_expires_at INTEGER,
            facts_proto BLOB,                            -- HostFacts
            hello_proto BLOB,                            -- the newest Hello
            address TEXT NOT NULL DEFAULT '',
            boot_id TEXT NOT NULL DEFAULT '',
            session_id TEXT NOT NULL DEFAULT '',         -- the newest session, open or not
            confirmed_session_id TEXT NOT NULL DEFAULT '', -- the newest session that the agent is known to have heard of
            connected INTEGER NOT NULL DEFAULT 0,
            connected_at INTEGER,
            disconnected_at INTEGER,
            last_seen_at INTEGER,
            offline_announced INTEGER NOT NULL DEFAULT 0,
            clock_offset_ms INTEGER NOT NULL DEFAULT 0,
            state_error TEXT NOT NULL DEFAULT '',
            duplicate_at INTEGER,                        -- newest refusal of a second machine with this identity
            duplicate_detail TEXT NOT NULL DEFAULT '',
            outbox_id TEXT NOT NULL DEFAULT '',
            outbox_sequence INTEGER NOT NULL DEFAULT 0,  -- everything up to here is committed
            assignment_revision INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID;
        CREATE UNIQUE INDEX hosts_name ON hosts(name) WHERE removed_at IS NULL;

        CREATE TABLE policies (
            name TEXT NOT NULL PRIMARY KEY,
            spec_proto BLOB NOT NULL,                    -- PolicySpec
            revision INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            updated_by TEXT NOT NULL
        ) WITHOUT ROWID;

        -- One row for each host that a policy applies to now.
        CREATE TABLE policy_hosts (
            policy TEXT NOT NULL REFERENCES policies(name) ON DELETE CASCADE,
            host_id TEXT NOT NULL REFERENCES hosts(host_id) ON DELETE CASCADE,
            assigned_at INTEGER NOT NULL,
            covered_until INTEGER NOT NULL,              -- newest scheduled instant that was taken care of
            last_success_at INTEGER,                     -- start of the newest success
            last_run_id TEXT NOT NULL DEFAULT '',
            last_finished_at INTEGER,
            last_failed INTEGER NOT NULL DEFAULT 0,      -- the newest finished run did not succeed
            state INTEGER NOT NULL DEFAULT 0,            -- ProtectionState
            state_since INTEGER NOT NULL,
            announced INTEGER NOT NULL DEFAULT 0,        -- the ProtectionState that the newest policy.* event told
            check_at INTEGER NOT NULL,                   -- when the state changes by time alone, at the earliest
            PRIMARY KEY (policy, host_id)
        ) WITHOUT ROWID;
        CREATE INDEX policy_hosts_host ON policy_hosts(host_id);
        CREATE INDEX policy_hosts_check ON policy_hosts(policy, check_at);

        CREATE TABLE runs (
            run_id TEXT NOT NULL PRIMARY KEY,
            policy TEXT NOT NULL,
            policy_revision INTEGER NOT NULL,
            host_id TEXT NOT NULL,
            state INTEGER NOT NULL,                      -- RunState
            trigger INTEGER NOT NULL,                    -- RunTrigger
            scheduled_at INTEGER NOT NULL,
            queued_at INTEGER NOT NULL,
            not_before INTEGER NOT NULL DEFAULT 0,       -- pause before a further attempt
            started_at INTEGER,
            finished_at INTEGER,
            expires_at INTEGER NOT NULL,
            attempt INTEGER NOT NULL DEFAULT 0,
            action_proto BLOB NOT NULL,                  -- Action
            retry_proto BLOB NOT NULL,                   -- RetryPolicy, defaults filled in
            timeout_ms INTEGER NOT NULL,
            expire_after_ms INTEGER NOT NULL,
            result_proto BLOB,                           -- ActionResult of the newest finished attempt
            requested_by TEXT NOT NULL DEFAULT '',
            cancel_reason TEXT,                          -- not NULL: a cancellation is wanted
            trace_id TEXT NOT NULL DEFAULT '',
            span_id TEXT NOT NULL DEFAULT ''
        ) WITHOUT ROWID;
        CREATE INDEX runs_newest ON runs(scheduled_at DESC, run_id DESC);
        CREATE INDEX runs_policy ON runs(policy, scheduled_at DESC, run_id DESC);
        CREATE INDEX runs_host ON runs(host_id, scheduled_at DESC, run_id DESC);
        CREATE INDEX runs_state ON runs(state, host_id, not_before);
        CREATE INDEX runs_finished ON runs(finished_at) WHERE finished_at IS NOT NULL;

        -- The result of each attempt: what makes a repeated delivery harmless.
        CREATE TABLE run_attempts (
            run_id TEXT NOT NULL REFERENCES runs(run_id) ON DELETE CASCADE,
            attempt INTEGER NOT NULL,
            finished_at INTEGER NOT NULL,
            result_proto BLOB NOT NULL,
            PRIMARY KEY (run_id, attempt)
        ) WITHOUT ROWID;

        CREATE TABLE run_log (
            run_id TEXT NOT NULL REFERENCES runs(run_id) ON DELETE CASCADE,
            attempt INTEGER NOT NULL,
            number INTEGER NOT NULL,
            at INTEGER NOT NULL,
            stream INTEGER NOT NULL,
            truncated INTEGER NOT NULL,
            text TEXT NOT NULL,
            PRIMARY KEY (run_id, attempt, number)
        ) WITHOUT ROWID;

        -- Answers to mutations that carry a request_id, so that a repeated one does nothing and gets the same answer.
        CREATE TABLE requests (
            request_id TEXT NOT NULL PRIMARY KEY,
            method TEXT NOT NULL,
            request_hash BLOB NOT NULL,
            response BLOB NOT NULL,                      -- ids of the runs, with commas
            at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX requests_at ON requests(at);

        CREATE TABLE events (
            sequence INTEGER NOT NULL PRIMARY KEY,       -- from 1, without gaps
            at INTEGER NOT NULL,
            occurred_at INTEGER,
            type TEXT NOT NULL,
            severity INTEGER NOT NULL,
            host_id TEXT NOT NULL DEFAULT '',
            host_name TEXT NOT NULL DEFAULT '',
            policy TEXT NOT NULL DEFAULT '',
            run_id TEXT NOT NULL DEFAULT '',
            message TEXT NOT NULL,
            attributes TEXT NOT NULL DEFAULT '{}'        -- JSON object
        );
        CREATE INDEX events_at ON events(at);

        CREATE TABLE reminders (
            grain_id TEXT NOT NULL,
            name TEXT NOT NULL,
            hash INTEGER NOT NULL,
            start_at INTEGER NOT NULL,
            period_ms INTEGER NOT NULL,
            version TEXT NOT NULL,
            PRIMARY KEY (grain_id, name)
        ) WITHOUT ROWID;
        """;
}
