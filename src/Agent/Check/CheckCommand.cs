using System.Text;
using System.Text.Json;
using Fleet.Agent.Configuration;
using Fleet.Agent.Connection;
using Fleet.Agent.Enrolment;
using Fleet.Agent.Guard;
using Fleet.Agent.Host;
using Fleet.Agent.Logging;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Fleet.Yaml;
using Grpc.Core;

namespace Fleet.Agent.Check;

/// <summary>`fleet-agent check`: looks at everything that the agent needs and says what to do.</summary>
internal sealed class CheckCommand(ConfigurationFile configFile, TextWriter output, TimeProvider time)
{
    /// <summary>For so long after its end the coordinator renews a certificate.</summary>
    private static readonly TimeSpan RenewableFor = TimeSpan.FromDays(365);

    public const string Help = """
        fleet-agent check [--json] [--config FILE]

        Checks configuration, guard file, certificate, connection, clock, tools and whether rsync can be confined,
        and says what to do about each thing found.

          --json         one JSON object instead of lines: {"level", "items": [{"level", "name", "message", "what_to_do"}]}
          --config FILE  default /etc/fleet/agent.yaml

        Examples:
          fleet-agent check
          fleet-agent check --json | jq '.items[] | select(.level != "ok")'

        Exit codes: 0 all well, 1 warnings, 2 failures (also wrong usage).
        """;

    /// <summary>The tool of each kind of action, which has the same name, and Debian's package of it.</summary>
    private static readonly (string Tool, string Package)[] Packages = [("rsync", "rsync"), ("zfs", "zfsutils-linux"), ("lvm", "lvm2")];

    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);
    private readonly List<CheckItem> _items = [];

    public async Task<int> RunAsync(bool json, CancellationToken cancellationToken)
    {
        var options = CheckConfiguration();
        if (File.Exists(configFile.Path) || !configFile.IsNamed)
        {
            await CheckHostAsync(options, cancellationToken);
        }

        return Report(json);
    }

    private async Task CheckHostAsync(AgentOptions options, CancellationToken cancellationToken)
    {
        var rules = CheckGuard(options);
        var stateIsReadable = CheckState(options);
        if (stateIsReadable && CheckIdentity(options) is { } identity)
        {
            foreach (var address in options.Coordinators is { Count: > 0 } configured ? configured : identity.Coordinators)
            {
                await CheckConnectionAsync(address, identity, cancellationToken);
            }
        }

        var allowed = rules?.AllowedActions ?? [];
        var tools = new ToolRunner(time);
        await CheckToolsAsync(allowed, tools, cancellationToken);
        if (rules is not null && allowed.Any(a => a is "rsync" or "restore.files"))
        {
            _items.Add(await ConfinementCheck.RunAsync(
                rules, options.GuardFile, Path.GetDirectoryName(Path.GetFullPath(options.GuardFile))!, tools, cancellationToken));
        }
    }

    private int Report(bool json)
    {
        var worst = _items.Max(i => i.Level);
        if (json)
        {
            WriteJson(worst);
        }
        else
        {
            foreach (var item in _items)
            {
                output.WriteLine($"{Name(item.Level).ToUpperInvariant(),-4} {item.Name}: {item.Message}");
                if (item.WhatToDo.Length > 0)
                {
                    output.WriteLine($"     -> {item.WhatToDo}");
                }
            }
        }

        return (int)worst;
    }

    private static string Name(CheckLevel level) => level switch { CheckLevel.Ok => "ok", CheckLevel.Warn => "warn", _ => "fail" };

    private AgentOptions CheckConfiguration()
    {
        var problems = new YamlProblems();
        var options = AgentOptionsReader.Read(configFile, problems);
        foreach (var problem in problems.Items)
        {
            Add(CheckLevel.Fail, "configuration", problem.ToString(),
                "correct the file; the running agent keeps its old configuration until then");
        }

        if (!problems.Any)
        {
            Add(CheckLevel.Ok, "configuration",
                File.Exists(configFile.Path) ? configFile.Path : $"{configFile} does not exist; defaults apply");
        }

        return options;
    }

    /// <returns>Null if there is none that may be trusted.</returns>
    private GuardRules? CheckGuard(AgentOptions options)
    {
        var rules = GuardFile.Read(options.GuardFile, out var problem);
        if (rules is null)
        {
            Add(CheckLevel.Fail, "guard", problem, "correct the file; one that allows copies of /home is: rsync: {sources: [/home], "
                + "destinations: [{path: /backup, allow: [copy]}]}");
        }
        else if (rules.AllowedActions.Count == 0)
        {
            Add(CheckLevel.Warn, "guard", $"{options.GuardFile} allows nothing", "list what may be done on this host");
        }
        else
        {
            Add(CheckLevel.Ok, "guard", $"{options.GuardFile} allows {string.Join(", ", rules.AllowedActions)}");
        }

        return rules;
    }

    /// <returns>False if what is in the state directory cannot be judged.</returns>
    private bool CheckState(AgentOptions options)
    {
        try
        {
            if (!Directory.Exists(options.StateDirectory))
            {
                Add(CheckLevel.Warn, "state", $"{options.StateDirectory} does not exist yet",
                    "fleet-agent enroll creates it, or the first start of the agent");
                return true;
            }

            // Another user sees an empty folder where the identity is.
            _ = Directory.EnumerateFileSystemEntries(options.StateDirectory).Any();

            var free = new DriveInfo(options.StateDirectory).AvailableFreeSpace;
            var needed = 64L << 20;
            Add(
                free < needed ? CheckLevel.Fail : CheckLevel.Ok,
                "state",
                $"{options.StateDirectory} has {free >> 20} MiB free",
                free < needed ? "free up space: no run starts without it" : "");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Add(CheckLevel.Fail, "state", LogText.Escape(e.Message), "run as root");
            return false;
        }
    }

    private HostIdentity? CheckIdentity(AgentOptions options)
    {
        var identity = new IdentityStore(options.StateDirectory).Load(out var problem);
        if (identity is null)
        {
            Add(CheckLevel.Fail, "certificate", problem.Length > 0 ? problem : "this host is not enrolled",
                "fleet-agent enroll ADDRESS TOKEN, with a token of `fleet token create`");
            return null;
        }

        var left = identity.ExpiresAt - time.GetUtcNow();
        if (left <= TimeSpan.Zero)
        {
            Add(
                CheckLevel.Fail,
                "certificate",
                $"expired at {identity.ExpiresAt:u}",
                left > -RenewableFor
                    ? "is the clock right? If so, the agent renews it by itself as soon as it reaches the coordinator: systemctl restart "
                        + "fleet-agent, journalctl -u fleet-agent"
                    : "it expired more than a year ago and can no longer be renewed: fleet-agent enroll --force ADDRESS TOKEN");
        }
        else if (time.GetUtcNow() > identity.RenewAt + TimeSpan.FromDays(1))
        {
            Add(CheckLevel.Warn, "certificate", $"expires at {identity.ExpiresAt:u} and was not renewed in time",
                "the running agent renews it once it is connected: see the log, journalctl -u fleet-agent");
        }
        else
        {
            Add(CheckLevel.Ok, "certificate", $"{identity.Name} ({identity.HostId}), expires at {identity.ExpiresAt:u}");
        }

        return identity;
    }

    private async Task CheckConnectionAsync(string address, HostIdentity identity, CancellationToken cancellationToken)
    {
        try
        {
            using var channel = CoordinatorChannel.Pinned(address, identity.Authority, identity.Certificate);
            var before = time.GetTimestamp();
            var call = new AgentService.AgentServiceClient(channel).GetAuthorityAsync(
                new GetAuthorityRequest(), new CallOptions(
                    deadline: (time.GetUtcNow() + CallTimeout).UtcDateTime, cancellationToken: cancellationToken));
            var headers = await call.ResponseHeadersAsync;
            await call;
            Add(CheckLevel.Ok, "connection", $"{address} answers in {time.GetElapsedTime(before).TotalMilliseconds:0} ms, and its "
                + $"certificate was issued by this fleet's authority");
            CheckClock(headers);
        }
        catch (RpcException e)
        {
            Add(CheckLevel.Fail, "connection", $"{address}: {RpcFailure.Describe(e)}", "check that the coordinator is running, its port "
                + "(7443), name resolution and firewalls; `openssl s_client -connect HOST:PORT` shows its certificate");
        }
    }

    private void CheckClock(Metadata headers)
    {
        if (headers.GetValue("date") is not { } text
            || !DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var there))
        {
            return;
        }

        var skew = (time.GetUtcNow() - there).Duration();
        Add(
            skew > TimeSpan.FromMinutes(1) ? CheckLevel.Fail : skew > TimeSpan.FromSeconds(5) ? CheckLevel.Warn : CheckLevel.Ok,
            "clock",
            $"differs from the coordinator's by {skew.TotalSeconds:0} s",
            skew > TimeSpan.FromSeconds(5) ? "timedatectl set-ntp true, on both" : "");
    }

    private async Task CheckToolsAsync(IReadOnlyList<string> allowed, ToolRunner runner, CancellationToken cancellationToken)
    {
        if (runner.Find("setpriv") is null)
        {
            Add(CheckLevel.Fail, "tools", "setpriv is missing", "apt install util-linux");
        }

        var tools = await new HostDescription(new HostPaths(), runner, time).ToolsAsync(cancellationToken);
        foreach (var tool in tools)
        {
            Add(CheckLevel.Ok, "tools", $"{tool.Name}: {tool.Version} ({tool.Path})");
        }

        foreach (var (tool, package) in Packages)
        {
            if (allowed.FirstOrDefault(a => a.Split('.')[0] == tool || (a == "restore.files" && tool == "rsync")) is { } action
                && !tools.Any(t => t.Name == tool))
            {
                Add(CheckLevel.Warn, "tools", $"{tool} is not installed, and the guard file allows {action}", $"apt install {package}");
            }
        }
    }

    private void WriteJson(CheckLevel worst)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("level", Name(worst));
            writer.WriteStartArray("items");
            foreach (var item in _items)
            {
                writer.WriteStartObject();
                writer.WriteString("level", Name(item.Level));
                writer.WriteString("name", item.Name);
                writer.WriteString("message", item.Message);
                writer.WriteString("what_to_do", item.WhatToDo);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(stream.ToArray()));
    }

    private void Add(CheckLevel level, string name, string message, string whatToDo = "") =>
        _items.Add(new CheckItem(level, name, message, whatToDo));
}
