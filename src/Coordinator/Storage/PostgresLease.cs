using System.Data.Common;
using Npgsql;

namespace Fleet.Coordinator.Storage;

/// <summary>
/// Who owns a database of PostgreSQL: one row with the owner's epoch and the end of its lease, by the clock of the server. Every
/// transaction that writes extends the lease by a statement that finds the row only if the epoch is still this owner's, so that a
/// coordinator which was replaced, or which hung and resumed, commits nothing. Not an advisory lock, which a process that hangs keeps.
/// </summary>
/// <param name="holder">Whom others wait for: the name of the machine and the number of the process.</param>
/// <param name="waits">Told whom this one waits for, each time that it has looked.</param>
internal sealed class PostgresLease(string holder, Action<string> waits)
{
    /// <summary>
    /// Another coordinator takes over when the owner has committed nothing for this long. See <see cref="LongestSilence"/>.
    /// </summary>
    private const string Duration = "interval '8 s'";

    /// <summary>A transaction in which the owner hangs is ended by the server, with the lock that it has on the row.</summary>
    private const string HungTransaction = "SET idle_in_transaction_session_timeout = '7s'";

    /// <summary>The owner extends its lease at least this often, also while nothing happens and while it starts.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private long _epoch;

    /// <summary>The table of the row. May be repeated.</summary>
    public const string Table =
        """
        CREATE TABLE IF NOT EXISTS coordinator_lease (
            id bigint PRIMARY KEY CHECK (id = 1),
            epoch bigint NOT NULL,
            holder text NOT NULL,
            ends_at timestamptz NOT NULL
        ) WITH (fillfactor = 10)
        """;

    /// <summary>Raised by each new owner. 0 before this process owned the database.</summary>
    public long Epoch => Volatile.Read(ref _epoch);

    /// <summary>Limits how long the server waits for this connection inside a transaction.</summary>
    public static void Limit(NpgsqlConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = HungTransaction;
        command.ExecuteNonQuery();
    }

    /// <summary>Waits until nobody owns the database and takes it. When it was this one's, it must still be.</summary>
    /// <exception cref="OwnerLostException">Another coordinator has taken it since.</exception>
    public void Take(NpgsqlConnection connection, string place)
    {
        if (Epoch > 0)
        {
            if (Extend(connection) == 0)
            {
                throw Lost(place);
            }

            return;
        }

        using var take = connection.CreateCommand();
        take.CommandText =
            $"""
            INSERT INTO coordinator_lease AS l (id, epoch, holder, ends_at) VALUES (1, 1, @holder, clock_timestamp() + {Duration})
            ON CONFLICT (id) DO UPDATE SET epoch = l.epoch + 1, holder = excluded.holder, ends_at = clock_timestamp() + {Duration}
                WHERE l.ends_at < clock_timestamp()
            RETURNING epoch
            """;
        take.Parameters.AddWithValue("holder", holder);
        while (true)
        {
            if (take.ExecuteScalar() is long epoch)
            {
                Volatile.Write(ref _epoch, epoch);
                return;
            }

            waits(Holder(connection));
            Thread.Sleep(Pause);
        }
    }

    /// <summary>Extends the lease in a transaction of its owner.</summary>
    /// <exception cref="OwnerLostException">Another coordinator owns the database.</exception>
    public void Prove(StoreTransaction transaction, string place)
    {
        if (transaction.Execute(
            $"UPDATE coordinator_lease SET ends_at = clock_timestamp() + {Duration} WHERE id = 1 AND epoch = $epoch",
            ("$epoch", Epoch)) == 0)
        {
            throw Lost(place);
        }
    }

    /// <summary>As <see cref="Prove"/>, without a lock: for what may be written twice in the moment of a change.</summary>
    /// <exception cref="OwnerLostException">Another coordinator owns the database.</exception>
    public void Look(StoreTransaction transaction, string place)
    {
        if (transaction.Number("SELECT count(*) FROM coordinator_lease WHERE id = 1 AND epoch = $epoch", ("$epoch", Epoch)) == 0)
        {
            throw Lost(place);
        }
    }

    /// <summary>Ends the lease now.</summary>
    public void Release(DbConnection connection)
    {
        using var command = ((NpgsqlConnection)connection).CreateCommand();
        command.CommandText = "UPDATE coordinator_lease SET ends_at = '-infinity' WHERE id = 1 AND epoch = @epoch";
        command.Parameters.AddWithValue("epoch", Epoch);
        command.ExecuteNonQuery();
    }

    private int Extend(NpgsqlConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"UPDATE coordinator_lease SET ends_at = clock_timestamp() + {Duration} WHERE id = 1 AND epoch = @epoch";
        command.Parameters.AddWithValue("epoch", Epoch);
        return command.ExecuteNonQuery();
    }

    private static string Holder(NpgsqlConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT holder FROM coordinator_lease WHERE id = 1";
        return command.ExecuteScalar() as string ?? "a coordinator that has just ended";
    }

    private static OwnerLostException Lost(string place) => new(
        $"another coordinator has taken over {place}: this one was silent for too long, or both were started for one fleet");
}
