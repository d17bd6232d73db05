using System.Data.Common;

namespace Fleet.Coordinator.Storage;

/// <summary>A database: where it is, how it is opened, and how its SQL differs.</summary>
internal abstract class StoreEngine
{
    /// <summary>Where it is, for people: a path, or a server and the name of the database. Never has a password.</summary>
    public abstract string Place { get; }

    /// <summary>What a person looks at when it does not commit.</summary>
    public abstract string WhatToDo { get; }

    public abstract SqlDialect Dialect { get; }

    /// <summary>Opens it for writing, checks it and brings it to the newest schema.</summary>
    /// <exception cref="StoreException">It is damaged, from a newer coordinator, or cannot be opened.</exception>
    public abstract OpenedDatabase OpenForWriting(IReadOnlyList<IMigration> migrations);

    /// <summary>A connection that cannot write.</summary>
    /// <exception cref="StoreException">It cannot be opened.</exception>
    public abstract DbConnection OpenForReading();

    /// <summary>
    /// What begins every transaction that writes, besides <see cref="SqlDialect.BeginWrite"/>: proves that this process still owns the
    /// database.
    /// </summary>
    /// <exception cref="OwnerLostException">It does not.</exception>
    public virtual void Prove(StoreTransaction transaction)
    {
    }

    /// <summary>
    /// How long the owner may go without a transaction that proves it. Null: as long as it likes. The writer makes an empty one then.
    /// </summary>
    public virtual TimeSpan? LongestSilence => null;

    /// <summary>Gives up the database, so that another coordinator can take it at once.</summary>
    public virtual void Release(DbConnection connection)
    {
    }

    /// <summary>Reads all of the database beside the work, when <see cref="OpenedDatabase.IsCheckedWhole"/> is false.</summary>
    /// <exception cref="StoreException">It cannot be read, or <see cref="IsSuspect"/>.</exception>
    public virtual void CheckWhole(CancellationToken cancellationToken)
    {
    }

    /// <summary>Moves a damaged database out of the way, so that the next opening makes a new one.</summary>
    /// <param name="suffix">Appended to its name after a dot.</param>
    /// <returns>Where it is now. Null if there is nothing to move.</returns>
    public virtual string? PutAside(string suffix) => null;

    /// <summary>A check has found damage.</summary>
    public virtual bool IsSuspect => false;
}
