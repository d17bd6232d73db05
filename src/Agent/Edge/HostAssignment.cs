using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Edge;

/// <summary>The policies of this host, as far as they can be used.</summary>
internal sealed record HostAssignment
{
    private static readonly TimeSpan DefaultGrace = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestGrace = TimeSpan.FromDays(1);

    private HostAssignment()
    {
    }

    /// <summary>None was ever received.</summary>
    public static HostAssignment None { get; } = new() { Revision = 0, Policies = [], Grace = DefaultGrace, Problems = [] };

    /// <summary>0: none.</summary>
    public required long Revision { get; init; }

    public required IReadOnlyList<HostPolicy> Policies { get; init; }

    /// <summary>How long this host waits, cut off, before it fires by itself.</summary>
    public required TimeSpan Grace { get; init; }

    /// <summary>What was left out, by policy, for people; empty name: of the assignment itself. Safe to show.</summary>
    public required IReadOnlyList<(string Policy, string Problem)> Problems { get; init; }

    /// <summary>For the disk: only what can be used.</summary>
    public Assignment ToMessage() => new()
    {
        Revision = Revision,
        Policies = { Policies.Select(p => p.Message) },
        AutonomyGrace = Duration.FromTimeSpan(Grace),
    };

    /// <summary>Null if it cannot be used at all, for that reason.</summary>
    public static HostAssignment? Read(Assignment message, out string problem)
    {
        var whole = new WireFields("assignment");
        var revision = whole.Number("revision", message.Revision, 0, long.MaxValue);
        whole.Number("policies", message.Policies.Count, 0, PolicyLimits.MaxPolicies);
        problem = whole.Problem;
        if (!whole.Good)
        {
            return null;
        }

        List<HostPolicy> policies = [];
        List<(string Policy, string Problem)> problems = [];
        HashSet<string> names = [];
        foreach (var assigned in message.Policies)
        {
            var name = WireNames.IsPolicy(assigned.Spec?.Name) ? assigned.Spec!.Name : "";
            if (HostPolicy.Read(assigned, out var why) is not { } policy)
            {
                problems.Add((name, why));
                policy = HostPolicy.Keeper(assigned);
            }

            if (policy is not null)
            {
                if (names.Add(policy.Name))
                {
                    policies.Add(policy);
                }
                else
                {
                    problems.Add((name, "its name occurs twice"));
                }
            }
        }

        var times = new WireFields("assignment");
        var grace = times.Span("autonomy_grace", message.AutonomyGrace, TimeSpan.Zero, LongestGrace) ?? DefaultGrace;
        if (!times.Good)
        {
            problems.Add(("", times.Problem));
        }

        return new HostAssignment { Revision = revision, Policies = policies, Grace = grace, Problems = problems };
    }
}
