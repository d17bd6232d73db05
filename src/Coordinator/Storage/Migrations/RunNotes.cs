namespace Fleet.Coordinator.Storage.Migrations;

/// <summary>Operators' notes about runs that they ask for.</summary>
internal sealed class RunNotes : IMigration
{
    public string Name => "notes of runs";

    public string Sql => "ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT ''";
}
