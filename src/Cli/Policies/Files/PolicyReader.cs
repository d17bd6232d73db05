using Fleet.Protocol.V1;
using Fleet.Yaml;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Cli.Policies.Files;

/// <summary>
/// One YAML document to one PolicySpec. It checks the shape (known fields, types, units); what the values mean is the
/// coordinator's to judge, so that every client hears the same. docs/policies.md is the reference; keep them together.
/// </summary>
internal static class PolicyReader
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3_660);

    public static PolicySpec Read(YamlMapping yaml)
    {
        var spec = new PolicySpec
        {
            Name = yaml.RequiredString("policy"),
            Description = yaml.String("description") ?? "",
            Target = new PolicyTarget(),
            Schedule = ReadSchedule(yaml),
            Timeout = ReadDuration(yaml, "timeout"),
            Freshness = ReadDuration(yaml, "freshness"),
            ExpireAfter = ReadDuration(yaml, "expire_after"),
            Paused = yaml.Boolean("paused") ?? false,
            Retry = ReadRetry(yaml.Mapping("retry")),
            Action = ReadAction(yaml),
        };
        spec.Target.Hosts.Add(yaml.Strings("hosts"));
        Copy(yaml.StringMap("labels"), spec.Target.MatchLabels);
        if (!yaml.Has("hosts") && !yaml.Has("labels"))
        {
            yaml.Problem("hosts", "is required: name the hosts, or write labels that select them (labels: {fleet.io/all: \"true\"} selects every host)");
        }

        yaml.RefuseUnknown();
        return spec;
    }

    private static Schedule? ReadSchedule(YamlMapping yaml)
    {
        var every = ReadDuration(yaml, "every");
        var spread = ReadDuration(yaml, "spread");
        if (every is null)
        {
            if (spread is not null && !yaml.Has("every"))
            {
                yaml.Problem("spread", "needs every: without a schedule there is nothing to spread");
            }

            return null;
        }

        return new Schedule { Every = every, Spread = spread };
    }

    private static RetryPolicy? ReadRetry(YamlMapping? yaml)
    {
        if (yaml is null)
        {
            return null;
        }

        var retry = new RetryPolicy
        {
            MaxAttempts = (int)(yaml.Integer("attempts", 1, 10) ?? 0),
            InitialBackoff = ReadDuration(yaml, "backoff"),
            MaxBackoff = ReadDuration(yaml, "max_backoff"),
        };
        yaml.RefuseUnknown();
        return retry;
    }

    private static Fleet.Protocol.V1.Action? ReadAction(YamlMapping yaml)
    {
        var rsync = yaml.Mapping("rsync");
        var command = yaml.Mapping("command");
        if (yaml.Has("rsync") && yaml.Has("command"))
        {
            yaml.Problem("command", "cannot stand beside rsync: a policy has one action, so make it two policies");
        }
        else if (!yaml.Has("rsync") && !yaml.Has("command"))
        {
            yaml.Problem("rsync", "is required: a policy needs an action, rsync or command");
        }

        return rsync is not null ? new() { Rsync = RsyncReader.Read(rsync) }
            : command is not null ? new() { Command = ReadCommand(command) }
            : null;
    }

    private static CommandAction ReadCommand(YamlMapping yaml)
    {
        var command = new CommandAction
        {
            Program = yaml.RequiredString("program"),
            WorkingDirectory = yaml.String("working_directory") ?? "",
        };
        command.Arguments.Add(yaml.Strings("arguments"));
        Copy(yaml.StringMap("environment"), command.Environment);
        command.SuccessExitCodes.Add(yaml.Integers("success_exit_codes", 0, 255).Select(c => (int)c));
        yaml.RefuseUnknown();
        return command;
    }

    private static void Copy(IReadOnlyDictionary<string, string> from, Google.Protobuf.Collections.MapField<string, string> to)
    {
        foreach (var (key, value) in from)
        {
            to[key] = value;
        }
    }

    private static Duration? ReadDuration(YamlMapping yaml, string key) =>
        yaml.Duration(key, TimeSpan.Zero, Longest) is { } value ? Duration.FromTimeSpan(value) : null;
}
