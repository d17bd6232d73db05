using System.Data.Common;

namespace Fleet.Coordinator.Storage;

/// <summary>
/// The writer's connection inside a transaction. Everything that a command does here becomes durable together,
/// or not at all.
/// </summary>
internal sealed class StoreTransaction(DbConnection connection, SqlDialect dialect, TimeProvider clock)
    : StoreReader(connection, dialect)
{
    private readonly List<Action> _afterCommit = [];

    /// <summary>The coordinator's time, which is the same throughout one command.</summary>
    public DateTimeOffset Now { get; private set; } = clock.GetUtcNow();

    /// <summary>Sequence of the newest event, this command's own included. See EventAppender.</summary>
    public long LastEventSequence { get; set; }

    /// <summary>Begins a transaction. Its end is a statement of every database: COMMIT or ROLLBACK.</summary>
    public void Begin() => Execute(Dialect.BeginWrite);

    /// <summary>Runs a statement; returns the number of rows that it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        Command(sql, parameters).ExecuteNonQuery();

    /// <summary>
    /// Called once, soon after the transaction is durable and before the caller of the command continues; not called if the
    /// command fails. Runs on the writer's thread: it must only pass on (set a signal, post to a queue) and must not throw.
    /// </summary>
    public void AfterCommit(Action action) => _afterCommit.Add(action);

    internal void BeginCommand() => Now = clock.GetUtcNow();

    internal int Mark() => _afterCommit.Count;

    internal void ForgetSince(int mark) => _afterCommit.RemoveRange(mark, _afterCommit.Count - mark);

    internal Action[] TakeAfterCommit()
    {
        var actions = _afterCommit.ToArray();
        _afterCommit.Clear();
        return actions;
    }
}
