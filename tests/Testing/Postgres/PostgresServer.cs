using System.Diagnostics;

namespace Fleet.Testing.Postgres;

/// <summary>
/// A server of PostgreSQL, Debian's, with a data folder of its own, which listens on a socket in that folder only. Its default collation
/// is that of a language, so that a text that is not compared byte by byte shows. The shared one ends when its process
/// exits.
/// </summary>
public sealed class PostgresServer : IDisposable
{
    /// <summary>Everybody else is trusted.</summary>
    public const string Login = "fleet_login";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly Lazy<PostgresServer> Started = new(
        static () =>
        {
            var server = new PostgresServer();
            AppDomain.CurrentDomain.ProcessExit += (_, _) => server.Dispose();
            return server;
        },
        LazyThreadSafetyMode.ExecutionAndPublication);
    private readonly string _folder;
    private readonly string _programs;

    public PostgresServer()
    {
        _programs = Directory.EnumerateDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal)
            .Select(static version => Path.Join(version, "bin")).First(static programs => File.Exists(Path.Join(programs, "postgres")));
        _folder = Directory.CreateTempSubdirectory("fleet-postgres-").FullName;
        if (Environment.IsPrivilegedProcess)
        {
            Run("chown", "postgres", _folder);
        }

        Run(AsServer("initdb", "-D", Data, "-U", "postgres", "-E", "UTF8", "--auth=trust", "--no-sync", "--locale=C.UTF-8",
            "--locale-provider=icu", "--icu-locale=en"));
        File.AppendAllText(
            Path.Join(Data, "postgresql.conf"),
            $"""
            listen_addresses = ''
            unix_socket_directories = '{_folder}'
            max_connections = 400
            shared_buffers = 32MB
            fsync = off

            """);
        File.WriteAllText(Path.Join(Data, "pg_hba.conf"), $"local all {Login} scram-sha-256\nlocal all all trust\n");
        Start();
    }

    /// <summary>The one that the tests of a process share.</summary>
    public static PostgresServer Shared => Started.Value;

    private string Data => Path.Join(_folder, "data");

    /// <summary>Makes the one user who must give a password, or changes it.</summary>
    public void CreateLogin(string password) => Sql("postgres",
        $"""
        DO $$ BEGIN CREATE ROLE {Login} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
        ALTER ROLE {Login} PASSWORD '{password}'
        """);

    /// <summary>For Npgsql.</summary>
    public string ConnectionTo(string database) => $"Host={_folder};Username=postgres;Database={database}";

    /// <summary>Makes an empty database, unless it is there.</summary>
    public void Create(string database)
    {
        if (Run(Client("psql", "-Atc", $"SELECT 1 FROM pg_database WHERE datname = '{database}'")).Trim() != "1")
        {
            Run(Client("createdb", database));
        }
    }

    /// <summary>Runs statements, given as one text, as the administrator; the rows, with bars between columns.</summary>
    public string Sql(string database, string sql) => Run(Client("psql", "-AtX", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql));

    public void Drop(string database) => Run(Client("dropdb", "--force", "--if-exists", database));

    public void Start() => Run(AsServer(
        "pg_ctl", "-D", Data, "-w", "-t", "110", "-l", Path.Join(_folder, "log"), "start"));

    /// <param name="mode">fast: ends sessions and stops in order; immediate: as after a power failure.</param>
    public void Stop(string mode = "fast") => Run(AsServer("pg_ctl", "-D", Data, "-w", "-t", "110", "-m", mode, "stop"));

    public void Dispose()
    {
        Stop("immediate");
        Directory.Delete(_folder, recursive: true);
    }

    private string[] AsServer(string program, params string[] arguments) => Environment.IsPrivilegedProcess
        ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", Path.Join(_programs, program), .. arguments]
        : [Path.Join(_programs, program), .. arguments];

    private string[] Client(string program, params string[] arguments) =>
        [Path.Join(_programs, program), "-h", _folder, "-U", "postgres", .. arguments];

    private static string Run(params string[] command)
    {
        // The server inherits the output of pg_ctl: to read to its end would be to wait for the server's.
        var output = Path.GetTempFileName();
        try
        {
            using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >\"$OUTPUT\" 2>&1", "sh", .. command])
            {
                Environment = { ["OUTPUT"] = output },
            })!;
            if (!process.WaitForExit(Limit))
            {
                process.Kill(entireProcessTree: true);
                throw new TimeoutException($"{string.Join(' ', command)} did not end");
            }

            var text = File.ReadAllText(output);
            return process.ExitCode == 0
                ? text
                : throw new InvalidOperationException($"{string.Join(' ', command)}: exit code {process.ExitCode}: {text}");
        }
        finally
        {
            File.Delete(output);
        }
    }
}
