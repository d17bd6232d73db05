using Microsoft.Data.Sqlite;

namespace Fleet.Coordinator.Storage;

/// <summary>Instants as the tables hold them: milliseconds since the Unix epoch, UTC.</summary>
internal static class Instants
{
    public static long ToColumn(this DateTimeOffset instant) => instant.ToUnixTimeMilliseconds();

    public static long? ToColumn(this DateTimeOffset? instant) => instant?.ToUnixTimeMilliseconds();

    public static DateTimeOffset Instant(this SqliteDataReader row, int column) =>
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));

    public static DateTimeOffset? InstantOrNull(this SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.Instant(column);

    /// <summary>A BLOB; null when the column is NULL.</summary>
    public static byte[]? BytesOrNull(this SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : (byte[])row.GetValue(column);
}
