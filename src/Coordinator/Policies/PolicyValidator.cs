using Fleet.Actions;
using Fleet.Coordinator.Actions;
using Fleet.Coordinator.State.Policies;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Policies;

/// <summary>
/// Checks whole policies and finds everything that is wrong, not only the first problem. Pure. Paths are proto names
/// ("policies[0].action.rsync.source.path"), which clients map back to their own input.
/// </summary>
internal sealed class PolicyValidator
{
    private readonly IReadOnlySet<string> _hostNames;
    private readonly ActionFindings _findings = new();

    private PolicyValidator(IReadOnlySet<string> hostNames) => _hostNames = hostNames;

    /// <param name="hostNames">Names of all hosts of the fleet.</param>
    /// <returns>Violations in the order of the input, and warnings by the index of the policy.</returns>
    public static PolicyFindings Validate(IReadOnlyList<PolicySpec> specs, IReadOnlySet<string> hostNames)
    {
        if (specs.Count > PolicyLimits.MaxPolicies)
        {
            return new PolicyFindings(
                [
                    new FieldViolation
                    {
                        Field = "policies",
                        Message = $"{specs.Count} policies in one request: at most {PolicyLimits.MaxPolicies}",
                    },
                ],
                new Dictionary<int, List<string>>());
        }

        List<FieldViolation> violations = [];
        Dictionary<int, List<string>> warnings = [];
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var index = 0; index < specs.Count; index++)
        {
            var spec = specs[index];
            var validator = new PolicyValidator(hostNames);
            validator.ValidateOne(spec, $"policies[{index}]");
            if (!seen.TryAdd(spec.Name, index))
            {
                validator.Refuse($"policies[{index}].name", $"\"{spec.Name}\" is also the name of policies[{seen[spec.Name]}]");
            }

            violations.AddRange(validator._findings.Violations);
            if (validator._findings.Warnings.Count > 0)
            {
                warnings.Add(index, [.. validator._findings.Warnings]);
            }
        }

        return new PolicyFindings(violations, warnings);
    }

    private void ValidateOne(PolicySpec spec, string path)
    {
        if (!WireNames.IsPolicy(spec.Name))
        {
            Refuse($"{path}.name", "must be 1 to 63 of a-z, 0-9 and '-', starting with a letter");
        }

        if (spec.Description.Length > 1024)
        {
            Refuse($"{path}.description", "longer than 1,024 characters");
        }

        if (spec.CalculateSize() > PolicyLimits.MaxSpecBytes)
        {
            Refuse(path, "larger than 256 KiB");
        }

        ValidateTarget(spec.Target, $"{path}.target");
        ValidateSchedule(spec.Schedule, $"{path}.schedule");
        ValidateRetry(spec.Retry, $"{path}.retry");
        Check(spec.Timeout, $"{path}.timeout", PolicyLimits.ShortestTimeout, PolicyLimits.LongestTimeout);
        Check(spec.ExpireAfter, $"{path}.expire_after", PolicyLimits.ShortestTimeout, PolicyLimits.LongestTimeout);
        if (Check(spec.Freshness, $"{path}.freshness", PolicyLimits.ShortestTimeout, PolicyLimits.LongestFreshness) is { } freshness
            && ActionFindings.TryRead(spec.Schedule?.Every) is { } every && freshness < every)
        {
            _findings.Warn(
                $"freshness ({freshness}) is shorter than the schedule's interval ({every}): it will count as stale between runs");
        }

        if (ActionKinds.Of(spec.Action)?.NotInPoliciesBecause is { } reason)
        {
            Refuse($"{path}.action", reason);
        }

        ValidateAction(spec.Action, $"{path}.action");
    }

    /// <summary>Checks an action without a policy, and its timeout. Paths begin with "action" and "timeout".</summary>
    public static IReadOnlyList<FieldViolation> ValidateAction(Protocol.V1.Action? action, Duration? timeout)
    {
        var validator = new PolicyValidator(new HashSet<string>());
        if (action?.CalculateSize() > PolicyLimits.MaxSpecBytes)
        {
            validator.Refuse("action", "larger than 256 KiB");
        }

        validator.Check(timeout, "timeout", PolicyLimits.ShortestTimeout, PolicyLimits.LongestTimeout);
        validator.ValidateAction(action, "action");
        return validator._findings.Violations;
    }

    private void ValidateAction(Protocol.V1.Action? action, string path)
    {
        if (ActionRules.Of(action) is { } rules)
        {
            rules.Validate(action!, path, _findings);
        }
        else
        {
            var inPolicies = ActionKinds.All.Where(static kind => kind.NotInPoliciesBecause is null).Select(static kind => kind.Name);
            Refuse(path, $"is required: what should run? One of {string.Join(", ", inPolicies)}");
        }
    }

    private void ValidateTarget(PolicyTarget? target, string path)
    {
        if (target is null || (target.Hosts.Count == 0 && target.MatchLabels.Count == 0))
        {
            Refuse(path, $"names no host: list hosts, or give match_labels ({PolicyRules.AllHostsLabel}: \"true\" means every host)");
            return;
        }

        for (var i = 0; i < target.Hosts.Count; i++)
        {
            if (!_hostNames.Contains(target.Hosts[i]))
            {
                Refuse($"{path}.hosts[{i}]", $"no host is named \"{ActionFindings.Printable(target.Hosts[i])}\"; `fleet hosts` lists them");
            }
            else if (target.Hosts.IndexOf(target.Hosts[i]) != i)
            {
                Refuse($"{path}.hosts[{i}]", $"\"{target.Hosts[i]}\" is named twice");
            }
        }

        foreach (var (key, value) in target.MatchLabels)
        {
            if (key.Length is 0 or > 128 || key.Any(char.IsControl) || value.Length > 256 || value.Any(char.IsControl))
            {
                Refuse(
                    $"{path}.match_labels[\"{ActionFindings.Printable(key)}\"]",
                    "keys have 1 to 128 characters, values up to 256, neither has control characters");
            }
        }
    }

    private void ValidateSchedule(Schedule? schedule, string path)
    {
        if (schedule is null)
        {
            return;
        }

        if (schedule.KindCase == Schedule.KindOneofCase.None)
        {
            Refuse($"{path}.every", "is required in a schedule; leave the whole schedule out to run on demand only");
            return;
        }

        var every = Check(schedule.Every, $"{path}.every", PolicyLimits.ShortestInterval, PolicyLimits.LongestInterval);
        var spread = Check(schedule.Spread, $"{path}.spread", TimeSpan.Zero, PolicyLimits.LongestInterval);
        if (every is not null && spread > every)
        {
            Refuse($"{path}.spread", $"{spread} is longer than the interval, {every}");
        }
    }

    private void ValidateRetry(RetryPolicy? retry, string path)
    {
        if (retry is null)
        {
            return;
        }

        if (retry.MaxAttempts is < 0 or > PolicyLimits.MostAttempts)
        {
            Refuse($"{path}.max_attempts", $"must be 1 to {PolicyLimits.MostAttempts} (0: the default, 3)");
        }

        var initial = Check(retry.InitialBackoff, $"{path}.initial_backoff", PolicyLimits.ShortestBackoff, PolicyLimits.LongestBackoff);
        var longest = Check(retry.MaxBackoff, $"{path}.max_backoff", PolicyLimits.ShortestBackoff, PolicyLimits.LongestBackoff);
        if (initial > longest)
        {
            Refuse($"{path}.max_backoff", $"{longest} is shorter than initial_backoff, {initial}");
        }
    }

    private TimeSpan? Check(Duration? duration, string path, TimeSpan least, TimeSpan most) => _findings.Check(duration, path, least, most);

    private void Refuse(string field, string message) => _findings.Refuse(field, message);
}
