using Fleet.Protocol.Edge;
using LiteDB;

namespace Fleet.Agent.History;

/// <summary>Which attempts are asked for. Empty text: any.</summary>
/// <param name="State">One of <see cref="HistoryDocument.States"/>.</param>
/// <param name="Since">Finished at or after it.</param>
/// <param name="Until">Finished before or at it.</param>
/// <param name="Limit">Of the newest; 1 to <see cref="MaxLimit"/>.</param>
internal sealed record HistoryFilter(string Policy, string State, string Action, DateTimeOffset? Since, DateTimeOffset? Until, int Limit)
{
    public const int DefaultLimit = 20;
    public const int MaxLimit = 1_000;

    public static HistoryFilter Any { get; } = new("", "", "", null, null, DefaultLimit);

    /// <summary>Why it cannot be used. Empty if it can.</summary>
    public string Problem =>
        Limit is < 1 or > MaxLimit ? $"limit: write 1 to {MaxLimit}"
        : State.Length > 0 && !HistoryDocument.States.Contains(State) ? $"state: one of {string.Join(", ", HistoryDocument.States)}"
        : Policy.Length > 0 && !WireNames.IsPolicy(Policy) ? "policy: that is not a policy name"
        : Action.Length > 64 || !Action.All(c => char.IsAsciiLetterLower(c) || c is '.' or '_')
            ? "action: a name such as rsync or zfs.prune"
        : Since > Until ? "since is later than until" : "";

    public DateTime From => Since?.UtcDateTime ?? DateTime.UnixEpoch;

    public DateTime To => Until?.UtcDateTime ?? DateTime.MaxValue.ToUniversalTime();

    public bool Matches(BsonDocument attempt) =>
        Is(attempt, HistoryDocument.Policy, Policy)
            && Is(attempt, HistoryDocument.State, State)
            && Is(attempt, HistoryDocument.Action, Action)
        && HistoryDocument.FinishedAt(attempt) is var at && at >= From && at <= To;

    private static bool Is(BsonDocument attempt, string key, string wanted) =>
        wanted.Length == 0 || (attempt[key].IsString && attempt[key].AsString == wanted);
}
