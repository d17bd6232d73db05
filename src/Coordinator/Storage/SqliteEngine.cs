using System.Data.Common;

namespace Fleet.Coordinator.Storage;

/// <summary>A file of SQLite in the state directory, whose lock makes sure that one process has it.</summary>
/// <param name="isDurable">
/// A commit is on the disk before it returns. False for what may be lost with the power, as long as the file stays in order.
/// </param>
/// <param name="wholeBytes">Files up to this size are checked whole when they are opened: <see cref="StoreCheck"/>.</param>
internal sealed class SqliteEngine(string path, bool isDurable = true, long wholeBytes = StoreCheck.WholeBytes) : StoreEngine
{
    public override string Place => path;

    public override string WhatToDo =>
        "on the coordinator: df /var/lib/fleet-coordinator, journalctl -u fleet-coordinator; nothing else may have fleet.db open for "
        + "writing";

    public override SqlDialect Dialect => SqliteDialect.Instance;

    public override bool IsSuspect => File.Exists(StoreCheck.MarkOf(path));

    public override OpenedDatabase OpenForWriting(IReadOnlyList<IMigration> migrations) =>
        SqliteDatabase.OpenForWriting(path, migrations, isDurable, wholeBytes);

    public override DbConnection OpenForReading() => SqliteDatabase.OpenForReading(path);

    public override string? PutAside(string suffix)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var aside = $"{path}.{suffix}";
        File.Move(path, aside, overwrite: true);
        File.Delete(path + "-wal");
        File.Delete(path + "-shm");
        File.Delete(StoreCheck.MarkOf(path));
        return aside;
    }

    public override void CheckWhole(CancellationToken cancellationToken) => StoreCheck.Whole(path, cancellationToken);
}
