using Fleet.Cli.Actions;
using Fleet.Protocol.V1;
using Fleet.Yaml;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Cli.Policies.Files;

/// <summary>
/// Converts one YAML document to one PolicySpec. It checks the shape (known fields, types, units); the coordinator judges
/// the values, so that every client gets the same answer. The reference is docs/policies.md; change both together.
/// </summary>
internal static class PolicyReader
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3_660);

    private static readonly IReadOnlyList<ActionText> Actions = [.. ActionText.All.Where(static text => text.Reader is not null)];

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
            yaml.Problem(
                "hosts",
                "is required: name the hosts, or write labels that select them (labels: {fleet.io/all: \"true\"} selects every host)");
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
        var named = Actions.Where(a => yaml.Has(a.Name)).ToList();
        if (named.Count == 0)
        {
            yaml.Problem("rsync", $"is required: a policy needs an action, one of {string.Join(", ", Actions.Select(static a => a.Name))}");
        }

        foreach (var key in named.Skip(1).Select(static a => a.Name))
        {
            yaml.Mapping(key);
            yaml.Problem(key, $"cannot be combined with {named[0].Name}: a policy has one action, so write two policies");
        }

        return named.Count > 0 && yaml.Mapping(named[0].Name) is { } mapping ? named[0].Reader!(mapping) : null;
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
