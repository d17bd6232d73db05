using System.Data.Common;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;

namespace Fleet.Coordinator.Storage;

/// <summary>
/// PostgreSQL. Its planner knows how many rows there are and chooses indexes by itself, so what tells SQLite which to use is left out:
/// INDEXED BY, CROSS JOIN, and the unary plus.
/// </summary>
internal sealed partial class PostgresDialect : SqlDialect
{
    public static readonly PostgresDialect Instance = new();

    public override string BeginWrite => "BEGIN";

    public override string BeginRead => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

    public override string SelectSizeBytes => "SELECT pg_database_size(current_database())";

    public override string Translate(string sql)
    {
        sql = Hint().Replace(sql, "");
        sql = UnaryPlus().Replace(sql, "");
        sql = sql.Replace("CROSS JOIN", "JOIN", StringComparison.Ordinal);
        sql = sql.Replace("instr(", "strpos(", StringComparison.Ordinal);
        sql = sql.Replace("CAST('' AS TEXT)", "CAST('' AS TEXT) COLLATE \"C\"", StringComparison.Ordinal);
        sql = sql.Replace("CAST(text AS BLOB)", "convert_to(text, 'UTF8')", StringComparison.Ordinal);
        return Value().Replace(sql, "@$1");
    }

    /// <summary>
    /// A new one: Npgsql prepares statements by their text, and would send a command that it has prepared with the parameters that the
    /// command had then, whatever was added since.
    /// </summary>
    public override DbCommand Use(DbCommand kept)
    {
        var command = ((NpgsqlConnection)kept.Connection!).CreateCommand();
#pragma warning disable CA2100 // The same text.
        command.CommandText = kept.CommandText;
#pragma warning restore CA2100
        return command;
    }

    public override void Add(DbCommand command, string name, object? value) =>
        ((NpgsqlCommand)command).Parameters.AddWithValue(name[1..], ValueOf(value));

    /// <summary>
    /// Numbers are bigint and flags are numbers in every table. PostgreSQL has no NUL in a text, and Npgsql refuses half a surrogate pair,
    /// which SQLite stores as U+FFFD.
    /// </summary>
    private static object ValueOf(object? value) => value switch
    {
        null => DBNull.Value,
        bool flag => flag ? 1L : 0L,
        int number => (long)number,
        string text when text.Contains('\0', StringComparison.Ordinal) || text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') >= 0 =>
            Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD'),
        _ => value,
    };

    [GeneratedRegex(@" INDEXED BY \w+")]
    private static partial Regex Hint();

    [GeneratedRegex(@"(?<=[(, ])\+(?=[a-z])")]
    private static partial Regex UnaryPlus();

    [GeneratedRegex(@"\$([A-Za-z]\w*)")]
    private static partial Regex Value();
}
