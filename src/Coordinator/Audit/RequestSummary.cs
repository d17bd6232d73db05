using System.Globalization;
using Fleet.Coordinator.State.Runs;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Audit;

/// <summary>
/// Summarises a request. Lists the fields to include instead of those to leave out, so that a new field with a secret cannot
/// slip into the log.
/// </summary>
internal static class RequestSummary
{
    private const int MaxNames = 20;

    /// <summary>The subject of the request, and its details.</summary>
    public static (string Subject, string Detail) Of(object? request) =>
        request switch
        {
            CreateJoinTokenRequest r => ("",
                Join(
                    ("max_uses", r.MaxUses.ToString(CultureInfo.InvariantCulture)),
                    ("lifetime", r.Lifetime is { } lifetime ? Seconds(lifetime.Seconds) : "default"),
                    ("host_name", r.HostName),
                    ("labels", Labels(r.Labels)),
                    ("note", r.Note))),
            RevokeJoinTokenRequest r => (r.TokenId, ""),
            CreateOperatorRequest r => (r.Name,
                Join(
                    ("role", r.Role.ToString()),
                    ("credential", r.CsrPem.Length > 0 ? "certificate" : "bearer token"),
                    ("lifetime", r.Lifetime is { } lifetime ? Seconds(lifetime.Seconds) : "default"))),
            RemoveOperatorRequest r => (r.Name, ""),
            AcceptClockRequest r => ("", Join(("note", r.Note))),
            RemoveHostRequest r => (r.Host, Join(("reason", r.Reason))),
            EnrollRequest r => (r.HostName, Join(("labels", Labels(r.Labels)))),
            RenewRequest => ("", ""),
            ClearDuplicateIdentityRequest r => (r.Host, Join(("note", r.Note))),
            ApplyPoliciesRequest r => (Names(r.Policies.Select(static p => p.Name)), r.DryRun ? "dry_run" : ""),
            DeletePolicyRequest r => (r.Name, ""),
            StartRunRequest r => (r.Policy,
                Join(("hosts", Names(r.Hosts)), ("dry_run", r.DryRun ? "true" : ""), ("confirmation", r.Confirmation))),
            StartActionRequest r => (r.Host, Join(("action", ActionText.Of(r.Action)), ("note", r.Note))),
            CancelRunRequest r => (r.RunId, Join(("reason", r.Reason))),
            _ => ("", ""),
        };

    private static string Join(params ReadOnlySpan<(string Name, string Value)> fields)
    {
        var parts = new List<string>();
        foreach (var (name, value) in fields)
        {
            if (value.Length > 0)
            {
                parts.Add($"{name}={value}");
            }
        }

        return string.Join(' ', parts);
    }

    private static string Labels(IEnumerable<KeyValuePair<string, string>> labels) =>
        Names(labels.OrderBy(static l => l.Key, StringComparer.Ordinal).Select(static l => $"{l.Key}:{l.Value}"));

    private static string Names(IEnumerable<string> names)
    {
        var all = names.ToList();
        return string.Join(',', all.Take(MaxNames)) + (all.Count > MaxNames ? $",+{all.Count - MaxNames}" : "");
    }

    private static string Seconds(long seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds}s");
}
