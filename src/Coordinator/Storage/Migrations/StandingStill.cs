namespace Fleet.Coordinator.Storage.Migrations;

/// <summary>
/// Columns that show what has stalled or is missing: gaps in outboxes, refused claims, the clock that was last trusted.
/// </summary>
internal sealed class StandingStill : IMigration
{
    public string Name => "gaps in outboxes, refused claims, the trusted clock";

    public string Sql =>
        """
        ALTER TABLE hosts ADD COLUMN outbox_gap_at INTEGER;
        ALTER TABLE hosts ADD COLUMN outbox_gap_detail TEXT NOT NULL DEFAULT '';
        CREATE TABLE refused_claims (
            host_id TEXT NOT NULL PRIMARY KEY,
            since INTEGER NOT NULL,                      -- of the present episode
            newest_at INTEGER NOT NULL,
            claims INTEGER NOT NULL                      -- in the present episode
        ) WITHOUT ROWID;
        CREATE TABLE trusted_clock (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
            wall INTEGER NOT NULL,                       -- newest wall clock that was trusted
            since_boot INTEGER NOT NULL,                 -- ms of the monotonic clock then
            boot_id TEXT NOT NULL,
            suspect_since INTEGER,                       -- wall clock when a jump was seen
            suspect_jump INTEGER                         -- ms, how far
        );
        """;
}
