using System.Globalization;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Runs;

/// <summary>
/// Finds the runs of one page of a list, newest first. Each state is read in the order of the list from the index that has exactly the
/// requested conditions, and SQLite merges them: a page costs the same however many runs there are, and however few of them match.
/// </summary>
/// <param name="Policy">Empty for all.</param>
/// <param name="HostId">Empty for all.</param>
/// <param name="States">Empty for all.</param>
/// <param name="Since">Only runs scheduled at or after it; null for all.</param>
/// <param name="Before">Only runs after this place in the list.</param>
internal sealed record RunPage(
    string Policy, string HostId, IReadOnlyCollection<RunState> States, DateTimeOffset? Since, (long ScheduledAt, string RunId) Before)
{
    private static readonly RunState[] Known = [.. Enum.GetValues<RunState>().Where(static state => state != RunState.Unspecified)];

    /// <summary>Ids of the runs, in the order of the list.</summary>
    public List<string> Read(StoreReader reader, int limit)
    {
        var states = States.Count == 0 ? Known : [.. Known.Where(States.Contains)];
        return states.Length == 0
            ? []
            : reader.Query(
                Text(states),
                static row => row.GetString(1),
                ("$policy", Policy),
                ("$host", HostId),
                ("$since", Since?.ToColumn() ?? 0),
                ("$before", Before.ScheduledAt),
                ("$beforeId", Before.RunId),
                ("$limit", limit));
    }

    /// <summary>Built from constants and numbers.</summary>
    private string Text(RunState[] states) =>
        string.Join(" UNION ALL ", states.Select(Branch)) + " ORDER BY scheduled_at DESC, run_id DESC LIMIT $limit";

    private string Branch(RunState state)
    {
        var (index, range) = RunStates.IsFinal(state)
            ? ((HostId.Length > 0, Policy.Length > 0) switch
            {
                (false, false) => "runs_ended",
                (false, true) => "runs_ended_policy",
                (true, false) => "runs_ended_host",
                (true, true) => "runs_ended_host_policy",
            }, RunSql.IsFinal)
            : ("runs_open", RunSql.IsOpen);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"SELECT scheduled_at, run_id FROM runs INDEXED BY {index} WHERE {range} AND state = {(int)state}") +
            (Policy.Length > 0 ? " AND policy = $policy" : "") +
            (HostId.Length > 0 ? " AND host_id = $host" : "") +
            (Since is null ? "" : " AND scheduled_at >= $since") +
            " AND (scheduled_at, run_id) < ($before, $beforeId)";
    }
}
