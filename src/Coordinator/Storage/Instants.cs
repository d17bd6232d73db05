using System.Data.Common;

namespace Fleet.Coordinator.Storage;

/// <summary>Instants as the tables hold them: milliseconds since the Unix epoch, UTC.</summary>
internal static class Instants
{
    private static readonly long First = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();
    private static readonly long Last = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    public static long ToColumn(this DateTimeOffset instant) => instant.ToUnixTimeMilliseconds();

    public static long? ToColumn(this DateTimeOffset? instant) => instant?.ToUnixTimeMilliseconds();

    /// <summary>A column that does not hold a valid instant gives the nearest one: a list must not fail because of one row.</summary>
    public static DateTimeOffset Instant(this DbDataReader row, int column) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(row.GetInt64(column), First, Last));

    public static DateTimeOffset? InstantOrNull(this DbDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.Instant(column);

    /// <summary>A BLOB; null if the column is NULL.</summary>
    public static byte[]? BytesOrNull(this DbDataReader row, int column) =>
        row.IsDBNull(column) ? null : (byte[])row.GetValue(column);
}
