namespace Fleet.Coordinator.Storage;

/// <summary>One step of the schema. Never changed once released: a later step repairs an earlier one.</summary>
internal interface IMigration
{
    /// <summary>Its name in logs, for people.</summary>
    string Name { get; }

    /// <summary>The statements, run in one transaction together with the new schema number.</summary>
    string Sql { get; }

    /// <summary>The same for PostgreSQL.</summary>
    string PostgresSql => PostgresTables.From(Sql);
}
