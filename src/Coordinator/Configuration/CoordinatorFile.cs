using System.Globalization;
using System.Net;
using Fleet.Yaml;
using Npgsql;

namespace Fleet.Coordinator.Configuration;

/// <summary>Reads coordinator.yaml. Reports every problem, with its line; docs/operations.md lists the keys.</summary>
internal static class CoordinatorFile
{
    /// <summary>Read if --config is not given; it need not exist.</summary>
    public const string DefaultPath = "/etc/fleet/coordinator.yaml";

    /// <returns>The options, with defaults for keys that the file does not have. Not to be used if there are problems.</returns>
    public static CoordinatorOptions Parse(string text, string fileName, YamlProblems problems)
    {
        var documents = YamlFile.Parse(text, fileName, problems);
        var options = new CoordinatorOptions();
        if (problems.Any || documents.Count == 0)
        {
            return options;
        }

        if (documents.Count > 1)
        {
            problems.Add(fileName, documents[1].Line, documents[1].Column, "", "a second document: the configuration is one");
            return options;
        }

        var root = documents[0];
        options = options with
        {
            Listen = Endpoints(root, "listen") is { Count: > 0 } listen ? listen : options.Listen,
            HttpListen = HttpListen(root, options.HttpListen),
            ServerNames = root.Strings("server_names"),
            StateDirectory = StateDirectory(root) ?? options.StateDirectory,
            Reloadable = Reloadable(root),
        };
        if (root.Mapping("queue") is { } queue)
        {
            options = options with { QueuePerHost = (int)(queue.Integer("per_host", 1, 100_000) ?? options.QueuePerHost) };
            queue.RefuseUnknown();
        }

        if (root.Mapping("database") is { } database)
        {
            options = options with { Database = Database(database) };
            database.RefuseUnknown();
        }

        if (root.Mapping("connections") is { } connections)
        {
            options = options with
            {
                MaxConnections = (int?)connections.Integer("max", 64, 1_000_000),
                MaxStrangers = (int?)connections.Integer("strangers", 16, 1_000_000),
                MaxStrangersPerAddress = (int?)connections.Integer("strangers_per_address", 4, 1_000_000),
            };
            connections.RefuseUnknown();
        }

        if (root.Mapping("telemetry") is { } telemetry)
        {
            options = options with { OtlpEndpoint = Otlp(telemetry) };
            telemetry.RefuseUnknown();
        }

        root.RefuseUnknown();
        return options;
    }

    private static DatabaseOptions? Database(YamlMapping database)
    {
        var passwordFile = database.String("password_file");
        if (passwordFile is not null && !Path.IsPathFullyQualified(passwordFile))
        {
            database.Problem("password_file", "is not an absolute path");
        }

        if (database.String("postgresql") is not { Length: > 0 } connection)
        {
            database.Problem("postgresql", "is missing: the connection, such as Host=db1;Database=fleet;Username=fleet");
            return null;
        }

        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connection);
            if (settings.Password is { Length: > 0 })
            {
                database.Problem("postgresql", "has a password: put it into a file that only fleet-coordinator may read, and name that as "
                    + "password_file");
            }
            else if (settings.Host is not { Length: > 0 } || settings.Database is not { Length: > 0 })
            {
                database.Problem("postgresql", "names no Host, or no Database: Host=db1;Database=fleet;Username=fleet");
            }
        }
        catch (ArgumentException exception)
        {
            database.Problem("postgresql", $"cannot be used: {exception.Message}");
        }

        return new DatabaseOptions(connection, passwordFile);
    }

    private static ReloadableOptions Reloadable(YamlMapping root)
    {
        var options = new ReloadableOptions();
        options = options with { LogLevel = Level(root) ?? options.LogLevel };
        if (root.Mapping("events") is { } events)
        {
            options = options with
            {
                EventsKeep = events.Duration("keep", TimeSpan.FromHours(1), TimeSpan.FromDays(36_500)) ?? options.EventsKeep,
            };
            events.RefuseUnknown();
        }

        if (root.Mapping("runs") is { } runs)
        {
            options = options with
            {
                RunsKeep = runs.Duration("keep", TimeSpan.FromHours(1), TimeSpan.FromDays(36_500)) ?? options.RunsKeep,
                LogLinesPerRun = (int)(runs.Integer("log_lines_per_run", 100, 1_000_000) ?? options.LogLinesPerRun),
            };
            runs.RefuseUnknown();
        }

        if (root.Mapping("metrics") is { } metrics)
        {
            options = options with
            {
                RollupsKeep = metrics.Duration("rollups_keep", TimeSpan.FromHours(1), TimeSpan.FromDays(3_650)) ?? options.RollupsKeep,
            };
            metrics.RefuseUnknown();
        }

        return options;
    }

    private static List<IPEndPoint> Endpoints(YamlMapping root, string key)
    {
        var endpoints = new List<IPEndPoint>();
        if (!root.Has(key))
        {
            return endpoints;
        }

        IReadOnlyList<string> texts = root.Kind(key) == YamlKind.List
            ? root.Strings(key)
            : root.String(key) is { } one ? [one] : [];
        foreach (var text in texts)
        {
            if (TryEndpoint(text) is { } endpoint)
            {
                endpoints.Add(endpoint);
            }
            else
            {
                root.Problem(key, $"\"{text}\" is not an address with a port, such as \"0.0.0.0:7443\" or \"[::]:7443\"");
            }
        }

        return endpoints;
    }

    private static IPEndPoint? HttpListen(YamlMapping root, IPEndPoint? standard)
    {
        if (!root.Has("http_listen"))
        {
            return standard;
        }

        var text = root.String("http_listen");
        if (text is null || text.Length == 0 || text == "off")
        {
            return null;
        }

        if (TryEndpoint(text) is { } endpoint)
        {
            return endpoint;
        }

        root.Problem("http_listen", $"\"{text}\" is not an address with a port, such as \"127.0.0.1:7480\"; \"off\" turns it off");
        return standard;
    }

    private static IPEndPoint? TryEndpoint(string text) =>
        text.LastIndexOf(':') is > 0 and var colon
        && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort
        && IPAddress.TryParse(text.AsSpan(0, colon), out var address)
            ? new IPEndPoint(address, port)
            : null;

    private static string? StateDirectory(YamlMapping root)
    {
        var path = root.String("state_directory");
        if (path is not null && !path.StartsWith('/'))
        {
            root.Problem("state_directory", "must be an absolute path");
        }

        return path;
    }

    private static Uri? Otlp(YamlMapping telemetry)
    {
        var text = telemetry.String("otlp_endpoint");
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
        {
            return uri;
        }

        telemetry.Problem("otlp_endpoint", "must be an http or https URL, such as \"http://127.0.0.1:4317\"");
        return null;
    }

    private static LogLevel? Level(YamlMapping root)
    {
        var text = root.String("log_level");
        switch (text)
        {
            case null:
                return null;
            case "trace":
                return LogLevel.Trace;
            case "debug":
                return LogLevel.Debug;
            case "info" or "information":
                return LogLevel.Information;
            case "warning":
                return LogLevel.Warning;
            case "error":
                return LogLevel.Error;
            default:
                root.Problem("log_level", "must be one of trace, debug, info, warning, error");
                return null;
        }
    }
}
