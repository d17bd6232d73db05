using Fleet.Agent.Files;
using Fleet.Agent.Logging;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Guard;

/// <summary>The guard file's rules on what rsync may read and write on this host. What is allowed is open from then on.</summary>
internal static class RsyncPathRules
{
    public static GuardDecision CheckSource(string file, GuardRules rules, ReadOnlySpan<byte> path, ProtectedPlaces places)
    {
        if (FileFacts.Plain(path, out var problem) is not { } plain)
        {
            return Refuse($"{file}: rsync.sources", $"the source {LogText.Escape(path)} {problem}");
        }

        foreach (var rule in rules.Sources)
        {
            if (RulePath.Of(rule.Path, plain) is { } at)
            {
                return OpenSource(rule, at, places);
            }
        }

        // A rule would not help there.
        return places.ReadProblem(plain) is { } own
            ? Refuse($"{file}: rsync.sources", $"the source {own}")
            : Refuse($"{file}: rsync.sources, default deny",
                $"no rule of rsync.sources covers {LogText.Escape(plain)}: add it, or a folder above it, to {file}");
    }

    public static GuardDecision CheckDestination(string file, GuardRules rules, RsyncAction rsync, ProtectedPlaces places)
    {
        if (FileFacts.Plain(rsync.Destination.Path.Span, out var problem) is not { } plain)
        {
            return Refuse($"{file}: rsync.destinations", $"the destination {LogText.Escape(rsync.Destination.Path.Span)} {problem}");
        }

        GuardDecision? nearest = null;
        foreach (var rule in rules.Destinations)
        {
            if (RulePath.Of(rule.Path, plain) is not { } at)
            {
                continue;
            }

            if (!rule.Allow.Contains(rsync.Mode))
            {
                nearest ??= Refuse(rule.Text, $"the rule does not allow {Name(rsync.Mode)} below {LogText.Escape(at.Root)}: add it to the "
                    + $"rule's allow list in {file}");
            }
            else if (rsync.Mode == RsyncMode.Mirror && rsync.MaxDelete > rule.MaxDelete)
            {
                nearest ??= Refuse(rule.Text, $"the policy's max_delete {rsync.MaxDelete} is above the rule's {rule.MaxDelete}: lower it, "
                    + $"or raise the rule's in {file}");
            }
            else
            {
                return OpenDestination(rule, at, places);
            }
        }

        return nearest ?? (places.WriteProblem(plain) is { } own ? Refuse($"{file}: rsync.destinations", $"the destination {own}") : Refuse(
            $"{file}: rsync.destinations, default deny",
            $"no rule of rsync.destinations covers {LogText.Escape(plain)}: add it, or a folder above it, to {file}"));
    }

    private static GuardDecision OpenSource(GuardRules.PathRule rule, RulePath at, ProtectedPlaces places) =>
        at.Problem.Length > 0 ? Refuse(rule.Text, at.Problem)
        : places.ReadProblem(at.Path) is { } secret ? Refuse(rule.Text, $"the source {secret}")
        : at.Open(out var problem) is { } opened ? Allow(rule.Text) with { Source = opened, Hidden = places.Below(at.Path) }
        : Refuse(rule.Text, $"the source cannot be used: {problem}");

    private static GuardDecision OpenDestination(GuardRules.DestinationRule rule, RulePath at, ProtectedPlaces places) =>
        at.Problem.Length > 0 ? Refuse(rule.Text, at.Problem)
        : places.WriteProblem(at.Path) is { } decides ? Refuse(rule.Text, $"the destination {decides}")
        : at.Open(out var problem) is { } opened
            ? Allow(rule.Text) with { Destination = opened, MaxDelete = rule.MaxDelete, Versions = rule.Versions }
        : Refuse(rule.Text, $"the destination cannot be used: {problem}");

    private static string Name(RsyncMode mode) => mode switch
    {
        RsyncMode.Copy => "copy",
        RsyncMode.Mirror => "mirror",
        RsyncMode.Versions => "versions",
        _ => "an unknown mode",
    };

    private static GuardDecision Allow(string rule) => new() { Allowed = true, Rule = rule, Message = "allowed" };

    private static GuardDecision Refuse(string rule, string message) => new() { Allowed = false, Rule = rule, Message = message };
}
