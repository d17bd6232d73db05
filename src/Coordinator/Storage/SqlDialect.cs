using System.Data.Common;

namespace Fleet.Coordinator.Storage;

/// <summary>
/// In what a database's SQL differs from the common text. Statements are written once, in SQL that SQLite understands and with "$name" for
/// values; what another database writes differently is rewritten here, each text once for each connection.
/// </summary>
internal abstract class SqlDialect
{
    /// <summary>Begins a transaction that writes.</summary>
    public abstract string BeginWrite { get; }

    /// <summary>Begins a transaction that sees one state of the database.</summary>
    public abstract string BeginRead { get; }

    /// <summary>Selects the size of the database in bytes.</summary>
    public abstract string SelectSizeBytes { get; }

    /// <summary>The statement as this database takes it.</summary>
    public abstract string Translate(string sql);

    /// <summary>The command for one execution of a statement, without parameters.</summary>
    /// <param name="kept">The command of the statement, kept for the next execution.</param>
    public abstract DbCommand Use(DbCommand kept);

    /// <summary>Adds a parameter.</summary>
    /// <param name="name">With the "$".</param>
    public abstract void Add(DbCommand command, string name, object? value);
}
