namespace Fleet.Coordinator.Storage.Migrations;

/// <summary>Which runs only said what they would do, so that counting can leave them out.</summary>
internal sealed class DryRuns : IMigration
{
    public string Name => "which runs are dry";

    public string Sql => "ALTER TABLE runs ADD COLUMN dry_run INTEGER NOT NULL DEFAULT 0";
}
