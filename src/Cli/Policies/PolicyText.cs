using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Policies;

/// <summary>Describes parts of policies in words.</summary>
internal static class PolicyText
{
    public static Cell StateCell(ProtectionState state) => new(HumanText.Words(state), state switch
    {
        ProtectionState.Ok => Tone.Good,
        ProtectionState.Failing or ProtectionState.Stale or ProtectionState.NeverRan => Tone.Bad,
        _ => Tone.Doubtful,
    });

    public static string Schedule(PolicySpec spec) => (spec.Paused, spec.Schedule?.Every) switch
    {
        (true, _) => "paused",
        (_, null) => "on demand",
        (_, var every) => $"every {HumanText.Span(every)}",
    };

    public static string Target(PolicySpec spec)
    {
        var parts = new List<string>(spec.Target?.Hosts ?? []);
        if (spec.Target?.MatchLabels.Count > 0)
        {
            parts.Add($"hosts with {HumanText.Labels(spec.Target.MatchLabels)}");
        }

        return string.Join(", ", parts);
    }
}
