using Microsoft.Data.Sqlite;

namespace Fleet.Coordinator.Storage;

/// <summary>A database that was opened for writing.</summary>
/// <param name="FoundSchema">The schema number that the file had.</param>
/// <param name="IsCheckedWhole">Whether the whole file was checked; if not, <see cref="StoreCheck.Whole"/> is still to be done.</param>
internal sealed record OpenedDatabase(SqliteConnection Connection, int FoundSchema, bool IsCheckedWhole);
