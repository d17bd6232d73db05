namespace Fleet.StoreBench;

/// <summary>The statements of <see cref="StoreFiller"/>, in their order. Parameters are those that it passes.</summary>
internal static class FillStatements
{
    private const string HostId = "printf('%08x-0000-4000-8000-%012x', {0}, {0})";

    public static readonly IReadOnlyList<string> All =
    [
        Count("$hosts") +
        $"""
        INSERT INTO hosts (host_id, name, labels, enrolled_at, address, connected, connected_at, disconnected_at, last_seen_at,
        offline_announced)
        SELECT {Host("i - 1")}, printf('host-%04d', i - 1), '{"{"}"fleet.io/all":"true"{"}"}', $now - $span, '192.0.2.1', 0,
        $now - 5000, $now, $now, 1 FROM n
        """,
        Count("$runs") +
        $"""
        INSERT INTO runs (run_id, policy, policy_revision, host_id, state, trigger, scheduled_at, queued_at, started_at, finished_at,
        expires_at, attempt,
            action_proto, retry_proto, timeout_ms, expire_after_ms, result_proto, dry_run)
        SELECT {RunId("i")}, printf('policy-%02d', i / $hosts % $policies), 1, {Host("i % $hosts")},
            CASE WHEN i > $runs - $open THEN CASE i % 5 WHEN 0 THEN 3 ELSE 1 END
                 WHEN (i * 7919 + i / $hosts) % $failure = 0 THEN CASE i / 7 % 6 WHEN 0 THEN 6 WHEN 1 THEN 7 WHEN 2 THEN 8 WHEN 3 THEN 10 ELSE 5 END ELSE 4 END,
            1, $now - ($runs - i) * $step, $now - ($runs - i) * $step, $now - ($runs - i) * $step + 1000,
            CASE WHEN i > $runs - $open THEN NULL ELSE $now - ($runs - i) * $step + 121000 END, $now + 86400000, 1,
            $action, $retry, 21600000, 7200000,
            CASE WHEN i > $runs - $open THEN NULL WHEN (i * 7919 + i / $hosts) % $failure = 0 THEN $bad ELSE $good END, i % 997 = 0
        FROM n
        """,
        "INSERT INTO run_attempts (run_id, attempt, finished_at) SELECT run_id, attempt, finished_at FROM runs WHERE finished_at IS NOT NULL",
        """
        INSERT INTO run_log (run_id, attempt, number, at, stream, truncated, text)
        SELECT run_id, 1, l.n, r.started_at, 1, 0, 'sending incremental file list, part ' || l.n FROM runs r
        JOIN (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5) l
        WHERE r.scheduled_at > $now - 2000 * $step
        """,
        "UPDATE runs SET log_lines = 5, log_bytes = 400 WHERE scheduled_at > $now - 2000 * $step",
        """
        INSERT INTO policy_hosts (policy, host_id, assigned_at, covered_until, last_success_at, last_finished_at, state, state_since,
        check_at)
        SELECT printf('policy-%02d', i - 1), host_id, $now - $span, $now, $now - 60000, $now - 50000, 1, $now - $span, $now + 3600000
        FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $policies) SELECT i FROM n), hosts
        """,
        Count("$events").TrimEnd() +
        $"""
        , e AS (SELECT i, 1 + (i - 1) * $runs / $events AS run, i % 5 AS kind FROM n)
        INSERT INTO events (sequence, at, type, severity, host_id, host_name, policy, run_id, message, attributes)
        SELECT $first + i, $now - ($runs - run) * $step,
            CASE kind WHEN 0 THEN 'run.queued' WHEN 1 THEN 'run.started' WHEN 3 THEN 'snapshot.created'
                WHEN 2 THEN CASE WHEN (run * 7919 + run / $hosts) % $failure = 0 THEN 'run.failed' ELSE 'run.succeeded' END
                ELSE CASE WHEN i % 10000 = 4 THEN 'policy.failing' WHEN i % 2 = 0 THEN 'host.connected' ELSE 'host.disconnected' END END,
            1, {Host("run % $hosts")}, printf('host-%04d', run % $hosts),
            CASE kind WHEN 4 THEN '' ELSE printf('policy-%02d', run / $hosts % $policies) END,
            CASE kind WHEN 4 THEN '' ELSE {RunId("run")} END,
            'policy-' || run % $policies || ' on host-' || run % $hosts || ': what happened, in one sentence',
            '{"{"}"trigger":"schedule","scheduled_at":"2026-01-01T00:00:00.0000000Z","requested_by":""{"}"}'
        FROM e
        """,
        Count("$snapshots") +
        $"""
        INSERT INTO snapshots (host_id, kind, scope, identity, origin, name, created_at, policy, run_id, made_on, used_bytes,
        referenced_bytes, holds,
            first_seen_at, evidence_at, gone_at)
        SELECT {Host("i % $hosts")}, 1, printf('tank/data%d', i / $hosts % 8), printf('%d', 1000000 + i), printf('tank/data%d',
        i / $hosts % 8),
            printf('tank/data%d@fleet-%d', i / $hosts % 8, i), $now - ($snapshots - i) * ($span / $snapshots), printf('policy-%02d',
            i / $hosts % $policies), '',
            {Host("i % $hosts")}, 1048576, 83000000, 0, $now - ($snapshots - i) * ($span / $snapshots), $now,
            CASE WHEN i / $hosts / 8 % 4 = 0 THEN NULL ELSE $now - i % 2000000 END
        FROM n
        """,
        Count("$audit") +
        $"""
        INSERT INTO audit (at, who, from_address, what, subject, outcome, detail)
        SELECT $now - ($audit - i) * ($span / 20 / $audit),
            CASE i % 4 WHEN 0 THEN 'operator:admin' WHEN 1 THEN 'host:' || {Host("i % $hosts")} WHEN 2 THEN 'operator:ops' ELSE 'anonymous' END,
            '192.0.2.1', '/fleet.v1.FleetService/StartRun', 'policy-01', 'OK', ''
        FROM n
        """,
    ];

    private static string Count(string limit) => $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {limit})\n";

    private static string Host(string number) => HostId.Replace("{0}", $"({number})", StringComparison.Ordinal);

    /// <summary>As good as random: in the order of its id, neighbours of a run are from any time.</summary>
    private static string RunId(string number) =>
        $"printf('%08x%08x%08x%08x', {number} * 2654435761 % 4294967296, {number} * 40503 % 4294967296, {number} * 69069 % 4294967296, {number})";
}
