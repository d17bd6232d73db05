using Fleet.Agent.Native;
using Fleet.Protocol.Addresses;
using Fleet.Yaml;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Configuration;

/// <summary>Reads agent.yaml. Everything that is wrong in it is a problem with file and line; nothing is half applied.</summary>
internal static class AgentOptionsReader
{
    /// <summary>The default file may be missing, since every key has a default; one that somebody named must be there.</summary>
    public static AgentOptions Read(ConfigurationFile file, YamlProblems problems)
    {
        var path = file.Path;
        byte[] content;
        try
        {
            content = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            if (file.IsNamed)
            {
                problems.Add(path, 0, 0, "", $"no such file: correct --config, or omit it to use {AgentOptions.DefaultFile}");
            }

            return new AgentOptions();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(path, 0, 0, "", $"cannot be read: {e.Message}");
            return new AgentOptions();
        }

        var documents = YamlFile.Parse(content, path, problems);
        if (documents.Count > 1)
        {
            problems.Add(path, documents[1].Line, 1, "", "holds more than one document; one is expected");
        }

        return documents.Count == 0 ? new AgentOptions() : Read(documents[0]);
    }

    private static AgentOptions Read(YamlMapping file)
    {
        var defaults = new AgentOptions();
        var options = defaults with
        {
            Coordinators = Addresses(file),
            Name = Name(file),
            Labels = file.StringMap("labels"),
            StateDirectory = AbsolutePath(file, "state_directory") ?? defaults.StateDirectory,
            RuntimeDirectory = AbsolutePath(file, "runtime_directory") ?? defaults.RuntimeDirectory,
            GuardFile = AbsolutePath(file, "guard_file") ?? defaults.GuardFile,
            LogLevel = Level(file) ?? defaults.LogLevel,
        };
        if (file.Mapping("metrics") is { } metrics)
        {
            options = options with
            {
                MetricsInterval = metrics.Duration("interval", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
                Collectors = Collectors(metrics),
            };
            metrics.RefuseUnknown();
        }

        if (file.Mapping("runs") is { } runs)
        {
            options = options with
            {
                MaxConcurrentRuns = (int)(runs.Integer("max_concurrent", 1, 64) ?? defaults.MaxConcurrentRuns),
                RunPriority = Priority(runs, defaults.RunPriority),
            };
            runs.RefuseUnknown();
        }

        if (file.Mapping("outbox") is { } outbox)
        {
            options = options with { OutboxMaxBytes = outbox.SizeBytes("max_size", 16L << 20, 64L << 30) ?? defaults.OutboxMaxBytes };
            outbox.RefuseUnknown();
        }

        if (file.Mapping("history") is { } history)
        {
            options = options with
            {
                History = new HistoryLimits(
                    history.SizeBytes("max_size", HistoryLimits.LeastBytes, 64L << 30) ?? defaults.History.MaxBytes,
                    history.Duration("max_age", TimeSpan.FromDays(1), TimeSpan.FromDays(3660)) ?? defaults.History.MaxAge),
            };
            history.RefuseUnknown();
        }

        if (file.Mapping("local_socket") is { } socket)
        {
            options = options with { SocketGroup = socket.String("group") ?? defaults.SocketGroup };
            socket.RefuseUnknown();
        }

        if (file.Mapping("inventory") is { } inventory)
        {
            var isOff = inventory.Has("interval") && inventory.String("interval") == "off";
            options = options with
            {
                InventoryInterval = isOff
                    ? null
                    : inventory.Duration("interval", TimeSpan.FromSeconds(10), TimeSpan.FromDays(1)) ?? defaults.InventoryInterval,
            };
            inventory.RefuseUnknown();
        }

        // Read by the coordinator alone; the agent passes trace contexts on and exports nothing itself.
        if (file.Mapping("telemetry") is { } telemetry)
        {
            _ = telemetry.String("otlp_endpoint");
            telemetry.RefuseUnknown();
        }

        file.RefuseUnknown();
        return options;
    }

    private static List<string> Addresses(YamlMapping file)
    {
        List<string> addresses = [];
        var listed = file.Strings("coordinator");
        for (var i = 0; i < listed.Count; i++)
        {
            if (CoordinatorAddress.TryParse(listed[i], out var address, out var problem))
            {
                addresses.Add(address);
            }
            else
            {
                file.Problem($"coordinator[{i}]", $"is not a coordinator address: {problem}");
            }
        }

        return addresses;
    }

    private static string Name(YamlMapping file)
    {
        var name = file.String("name") ?? "";
        if (name.Length > 0 && !HostNameRule.IsValid(name))
        {
            file.Problem("name", HostNameRule.Says);
        }

        return name;
    }

    private static string? AbsolutePath(YamlMapping file, string key)
    {
        var path = file.String(key);
        if (path is not null && !path.StartsWith('/'))
        {
            file.Problem(key, "must be an absolute path");
        }

        return path;
    }

    private static LogLevel? Level(YamlMapping file)
    {
        switch (file.String("log_level"))
        {
            case null: return null;
            case "trace": return LogLevel.Trace;
            case "debug": return LogLevel.Debug;
            case "information" or "info": return LogLevel.Information;
            case "warning": return LogLevel.Warning;
            case "error": return LogLevel.Error;
            default:
                file.Problem("log_level", "must be one of trace, debug, information, warning, error");
                return null;
        }
    }

    private static Dictionary<string, CollectorOptions> Collectors(YamlMapping metrics)
    {
        Dictionary<string, CollectorOptions> collectors = [];
        if (metrics.Mapping("collectors") is { } list)
        {
            foreach (var name in list.Keys)
            {
                if (list.Mapping(name) is { } one)
                {
                    collectors[name] = new CollectorOptions(
                        one.Boolean("enabled") ?? true,
                        one.Duration("timeout", TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)));
                    one.RefuseUnknown();
                }
            }
        }

        return collectors;
    }

    private static ToolPriority Priority(YamlMapping runs, ToolPriority defaults)
    {
        var nice = (int)(runs.Integer("nice", -20, 19) ?? defaults.Nice);
        var (ioClass, level) = (defaults.IoClass, defaults.IoLevel);
        switch (runs.String("ionice")?.Split(':'))
        {
            case null:
                break;
            case ["none"]:
                (ioClass, level) = (IoClass.None, 0);
                break;
            case ["idle"]:
                (ioClass, level) = (IoClass.Idle, 0);
                break;
            case ["best-effort"]:
                (ioClass, level) = (IoClass.BestEffort, 7);
                break;
            case ["best-effort", [>= '0' and <= '7'] digit]:
                (ioClass, level) = (IoClass.BestEffort, digit[0] - '0');
                break;
            default:
                runs.Problem("ionice", "must be none, idle, or best-effort:0 to best-effort:7");
                break;
        }

        return new ToolPriority(nice, ioClass, level);
    }
}
