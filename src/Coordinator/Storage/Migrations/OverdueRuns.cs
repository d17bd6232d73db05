namespace Fleet.Coordinator.Storage.Migrations;

/// <summary>When a run was first found to run beyond its time limit.</summary>
internal sealed class OverdueRuns : IMigration
{
    public string Name => "overdue runs";

    public string Sql => "ALTER TABLE runs ADD COLUMN overdue_at INTEGER";
}
