using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Sessions;
using Fleet.Coordinator.Storage;
using Fleet.Yaml;

namespace Fleet.Coordinator.Hosting;

/// <summary>The command line: <c>fleet-coordinator [run|check] [--config FILE]</c>.</summary>
internal static partial class CoordinatorCommand
{
    /// <summary>
    /// Exit codes, also in fleet-coordinator(8): 0 success, 1 failure, 2 wrong usage, 78 wrong configuration (EX_CONFIG of sysexits.h).
    /// </summary>
    private const int Failed = 1;
    private const int WrongUsage = 2;
    private const int WrongConfiguration = 78;

    private const string Usage =
        """
        Usage: fleet-coordinator [run|check] [--config FILE]

          run          Serve (the default).
          check        Verify configuration, store and listeners, and say what to do. Safe while the coordinator runs.

          --config FILE   Default: /etc/fleet/coordinator.yaml, if there is one.
          --version       Print the version, and those of what it runs on.
          --help          Print this.
        """;

    public static async Task<int> RunAsync(string[] arguments)
    {
        string? command = null;
        string? path = null;
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--help" or "-h":
                    Console.Out.WriteLine(Usage);
                    return 0;
                case "--version":
                    Console.Out.WriteLine($"fleet-coordinator {SessionHandler.Version}");
                    Console.Out.WriteLine(RuntimeVersions.Describe());
                    return 0;
                case "--config" when i + 1 < arguments.Length && path is null:
                    path = arguments[++i];
                    break;
                case "run" or "check" when command is null:
                    command = arguments[i];
                    break;
                default:
                    await Console.Error.WriteLineAsync($"fleet-coordinator: \"{arguments[i]}\" is not understood\n\n{Usage}");
                    return WrongUsage;
            }
        }

        if (Read(path) is not { } options)
        {
            return WrongConfiguration;
        }

        return command == "check"
            ? CoordinatorCheck.Run(options, Console.Out) ? 0 : Failed
            : await ServeAsync(options, path ?? CoordinatorFile.DefaultPath);
    }

    private static CoordinatorOptions? Read(string? given)
    {
        var path = given ?? CoordinatorFile.DefaultPath;
        if (given is null && !File.Exists(path))
        {
            return new CoordinatorOptions();
        }

        try
        {
            var problems = new YamlProblems();
            var options = CoordinatorFile.Parse(File.ReadAllText(path), path, problems);
            if (!problems.Any)
            {
                return options;
            }

            Console.Error.WriteLine(problems.ToString());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"fleet-coordinator: {path} cannot be read: {exception.Message}");
        }

        return null;
    }

    private static async Task<int> ServeAsync(CoordinatorOptions options, string path)
    {
        try
        {
            await using var app = CoordinatorApp.Build(options, path);

            // Before anything else starts: problems with the store are reported plainly, while nothing has been touched yet.
            _ = app.Services.GetRequiredService<FleetStore>();
            var log = app.Services.GetRequiredService<ILogger<CoordinatorOptions>>();
            var inspection = app.Services.GetRequiredService<StoreInspection>();
            app.Lifetime.ApplicationStarted.Register(() =>
            {
                var addresses = string.Join(", ", app.Urls);
                Serving(log, SessionHandler.Version, addresses, options.StateDirectory);
            });
            try
            {
                await app.RunAsync();
            }
            catch (Exception exception) when (exception is OperationCanceledException or OrleansLifecycleCanceledException
                && app.Lifetime.ApplicationStopping.IsCancellationRequested)
            {
                // Asked to stop while it was starting.
            }

            return inspection.Damage is null ? 0 : throw inspection.Damage;
        }
        catch (StoreException exception)
        {
            await Console.Error.WriteLineAsync($"fleet-coordinator: {exception.Message}");
            return Failed;
        }
        catch (IOException exception)
        {
            // Kestrel says which address is in use.
            await Console.Error.WriteLineAsync($"fleet-coordinator: {exception.Message}");
            return Failed;
        }
    }
}
