using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Fleet.Coordinator.Storage;

/// <summary>Takes every text as it is.</summary>
internal sealed class SqliteDialect : SqlDialect
{
    public static readonly SqliteDialect Instance = new();

    public override string BeginWrite => "BEGIN IMMEDIATE";

    public override string BeginRead => "BEGIN";

    public override string SelectSizeBytes => "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";

    public override string Translate(string sql) => sql;

    /// <summary>A command is prepared by its first execution.</summary>
    public override DbCommand Use(DbCommand kept)
    {
        kept.Parameters.Clear();
        return kept;
    }

    public override void Add(DbCommand command, string name, object? value) =>
        ((SqliteCommand)command).Parameters.AddWithValue(name, value ?? DBNull.Value);
}
