using System.Security.Cryptography;
using System.Text;
using Fleet.Coordinator.Configuration;
using Fleet.Testing.Postgres;

namespace Fleet.Coordinator.Tests.Rig;

/// <summary>
/// On which database the tests run: SQLite, or with FLEET_TEST_STORE=postgres a database of PostgreSQL for each state directory. Tests of
/// what only SQLite has are marked with the trait Store=Sqlite.
/// </summary>
internal static class TestDatabase
{
    public static bool IsPostgres { get; } = Environment.GetEnvironmentVariable("FLEET_TEST_STORE") == "postgres";

    /// <summary>Null: the files in the directory.</summary>
    public static DatabaseOptions? Of(string stateDirectory)
    {
        if (!IsPostgres)
        {
            return null;
        }

        PostgresServer.Shared.Create(Name(stateDirectory));
        return new DatabaseOptions(PostgresServer.Shared.ConnectionTo(Name(stateDirectory)), PasswordFile: null);
    }

    public static void Drop(string stateDirectory)
    {
        if (IsPostgres)
        {
            PostgresServer.Shared.Drop(Name(stateDirectory));
        }
    }

    private static string Name(string stateDirectory) =>
        "t" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(stateDirectory)))[..16];
}
