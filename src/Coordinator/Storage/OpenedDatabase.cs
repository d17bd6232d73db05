using System.Data.Common;

namespace Fleet.Coordinator.Storage;

/// <summary>A database that was opened for writing.</summary>
/// <param name="FoundSchema">The schema number that the file had.</param>
/// <param name="IsCheckedWhole">Whether all of it was checked; if not, <see cref="StoreEngine.CheckWhole"/> is still to be done.</param>
internal sealed record OpenedDatabase(DbConnection Connection, int FoundSchema, bool IsCheckedWhole);
