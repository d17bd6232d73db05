namespace Fleet.Coordinator.Storage.Migrations;

/// <summary>The catalogue of snapshots, and what each host has in ZFS and LVM.</summary>
internal sealed class SnapshotTables : IMigration
{
    public string Name => "catalogue of snapshots";

    public string Sql =>
        """
        CREATE TABLE snapshots (
            id INTEGER PRIMARY KEY,
            host_id TEXT NOT NULL,
            kind INTEGER NOT NULL,                       -- SnapshotKind
            scope TEXT NOT NULL,                         -- dataset, volume group, folder of dated trees
            identity TEXT NOT NULL,                      -- guid, uuid, path
            origin TEXT NOT NULL,                        -- what it is of: dataset, volume with group, folder
            name TEXT NOT NULL,                          -- whole name
            created_at INTEGER NOT NULL,                 -- by the clock of the host that made it; 0: not known
            policy TEXT NOT NULL,                        -- names, with commas
            run_id TEXT NOT NULL,
            made_on TEXT NOT NULL,                       -- host id
            note TEXT NOT NULL DEFAULT '',
            used_bytes INTEGER NOT NULL,
            referenced_bytes INTEGER NOT NULL,
            holds INTEGER NOT NULL,
            first_seen_at INTEGER NOT NULL,
            evidence_at INTEGER NOT NULL,                -- by its host's clock: newest proof that it is there, or is gone
            missing_at INTEGER,                          -- not in its host's newest list, and not yet known why
            gone_at INTEGER,
            gone_run_id TEXT NOT NULL DEFAULT '',
            UNIQUE (host_id, kind, scope, identity)
        );
        CREATE INDEX snapshots_newest ON snapshots(created_at DESC, id DESC);
        CREATE INDEX snapshots_of ON snapshots(host_id, kind, origin, created_at);
        CREATE INDEX snapshots_identity ON snapshots(identity, kind);
        CREATE INDEX snapshots_missing ON snapshots(host_id) WHERE missing_at IS NOT NULL;
        CREATE INDEX snapshots_gone ON snapshots(gone_at) WHERE gone_at IS NOT NULL;

        CREATE TABLE storage_stocks (
            host_id TEXT NOT NULL PRIMARY KEY REFERENCES hosts(host_id) ON DELETE CASCADE,
            received_at INTEGER NOT NULL,
            stock_proto BLOB NOT NULL                    -- StorageStock
        ) WITHOUT ROWID;
        """;
}
