namespace Fleet.Coordinator.Storage.Migrations;

/// <summary>Marks dry runs, so that counts can leave them out.</summary>
internal sealed class DryRuns : IMigration
{
    public string Name => "which runs are dry";

    public string Sql => "ALTER TABLE runs ADD COLUMN dry_run INTEGER NOT NULL DEFAULT 0";
}
