using System.Text.RegularExpressions;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Policies;

/// <summary>
/// Checks policies as a whole and finds everything that is wrong, not only the first thing. Pure. Paths are proto names
/// ("policies[0].action.rsync.source.path"), which clients map back to their own input.
/// </summary>
internal sealed partial class PolicyValidator
{
    private readonly IReadOnlySet<string> _hostNames;
    private readonly List<FieldViolation> _violations = [];
    private readonly Dictionary<int, List<string>> _warnings = [];
    private int _index;

    private PolicyValidator(IReadOnlySet<string> hostNames) => _hostNames = hostNames;

    /// <param name="hostNames">Names of all hosts of the fleet.</param>
    /// <returns>Violations in the order of the input, and warnings by the index of the policy.</returns>
    public static PolicyFindings Validate(IReadOnlyList<PolicySpec> specs, IReadOnlySet<string> hostNames)
    {
        var validator = new PolicyValidator(hostNames);
        validator.ValidateAll(specs);
        return new PolicyFindings(validator._violations, validator._warnings);
    }

    private void ValidateAll(IReadOnlyList<PolicySpec> specs)
    {
        if (specs.Count > PolicyLimits.MaxPolicies)
        {
            Refuse("policies", $"{specs.Count} policies in one request: at most {PolicyLimits.MaxPolicies}");
            return;
        }

        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (_index = 0; _index < specs.Count; _index++)
        {
            var path = $"policies[{_index}]";
            ValidateOne(specs[_index], path);
            if (!seen.TryAdd(specs[_index].Name, _index))
            {
                Refuse($"{path}.name", $"\"{specs[_index].Name}\" is also the name of policies[{seen[specs[_index].Name]}]");
            }
        }
    }

    private void ValidateOne(PolicySpec spec, string path)
    {
        if (!NamePattern().IsMatch(spec.Name))
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
            && TryRead(spec.Schedule?.Every) is { } every && freshness < every)
        {
            Warn($"freshness ({freshness}) is shorter than the schedule's interval ({every}): it will count as stale between runs");
        }

        if (spec.Action is { ZfsHold: not null } or { ZfsRollback: not null } or { ZfsClone: not null } or { LvmRestore: not null } or { LvmProtect: not null } or { RestoreFiles: not null })
        {
            Refuse($"{path}.action", "names single snapshots: that is for one run, and does not belong into a policy");
        }

        if (spec.Action is { ClockAccept: not null })
        {
            Refuse($"{path}.action", "is for one run: a person must have looked at the clock");
        }

        ValidateAction(spec.Action, $"{path}.action");
    }

    /// <summary>An action that no policy holds, and how long it may take. Paths begin with "action" and "timeout".</summary>
    public static IReadOnlyList<FieldViolation> ValidateAction(Protocol.V1.Action? action, Duration? timeout)
    {
        var validator = new PolicyValidator(new HashSet<string>());
        if (action?.CalculateSize() > PolicyLimits.MaxSpecBytes)
        {
            validator.Refuse("action", "larger than 256 KiB");
        }

        validator.Check(timeout, "timeout", PolicyLimits.ShortestTimeout, PolicyLimits.LongestTimeout);
        validator.ValidateAction(action, "action");
        return validator._violations;
    }

    private void ValidateAction(Protocol.V1.Action? action, string path)
    {
        switch (action?.KindCase)
        {
            case Protocol.V1.Action.KindOneofCase.Rsync:
                ValidateRsync(action.Rsync, $"{path}.rsync");
                break;
            case Protocol.V1.Action.KindOneofCase.Command:
                ValidateCommand(action.Command, $"{path}.command");
                break;
            case Protocol.V1.Action.KindOneofCase.ZfsSnapshot:
                ValidateZfsSnapshot(action.ZfsSnapshot, $"{path}.zfs_snapshot");
                break;
            case Protocol.V1.Action.KindOneofCase.ZfsPrune:
                ValidateZfsPrune(action.ZfsPrune, $"{path}.zfs_prune");
                break;
            case Protocol.V1.Action.KindOneofCase.ZfsReplicate:
                ValidateZfsReplicate(action.ZfsReplicate, $"{path}.zfs_replicate");
                break;
            case Protocol.V1.Action.KindOneofCase.ZfsScrub:
                ValidateZfsScrub(action.ZfsScrub, $"{path}.zfs_scrub");
                break;
            case Protocol.V1.Action.KindOneofCase.ZfsHold:
                ValidateZfsHold(action.ZfsHold, $"{path}.zfs_hold");
                break;
            case Protocol.V1.Action.KindOneofCase.ZfsRollback:
                ValidateZfsRollback(action.ZfsRollback, $"{path}.zfs_rollback");
                break;
            case Protocol.V1.Action.KindOneofCase.ZfsClone:
                ValidateZfsClone(action.ZfsClone, $"{path}.zfs_clone");
                break;
            case Protocol.V1.Action.KindOneofCase.LvmSnapshot:
                ValidateLvmSnapshot(action.LvmSnapshot, $"{path}.lvm_snapshot");
                break;
            case Protocol.V1.Action.KindOneofCase.LvmPrune:
                ValidateLvmPrune(action.LvmPrune, $"{path}.lvm_prune");
                break;
            case Protocol.V1.Action.KindOneofCase.LvmRestore:
                ValidateLvmRestore(action.LvmRestore, $"{path}.lvm_restore");
                break;
            case Protocol.V1.Action.KindOneofCase.LvmProtect:
                ValidateLvmProtect(action.LvmProtect, $"{path}.lvm_protect");
                break;
            case Protocol.V1.Action.KindOneofCase.RestoreFiles:
                ValidateRestoreFiles(action.RestoreFiles, $"{path}.restore_files");
                break;
            case Protocol.V1.Action.KindOneofCase.ClockAccept:
                break;
            default:
                Refuse(path, "is required: what shall run? One of rsync, command, zfs_snapshot, zfs_prune, zfs_replicate, zfs_scrub, lvm_snapshot, lvm_prune");
                break;
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
                Refuse($"{path}.hosts[{i}]", $"no host is named \"{Printable(target.Hosts[i])}\"; `fleet hosts` lists them");
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
                    $"{path}.match_labels[\"{Printable(key)}\"]",
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

    private TimeSpan? Check(Duration? duration, string path, TimeSpan least, TimeSpan most)
    {
        if (duration is null)
        {
            return null;
        }

        if (TryRead(duration) is { } value && value >= least && value <= most)
        {
            return value;
        }

        Refuse(path, $"must be between {least} and {most}");
        return null;
    }

    private static TimeSpan? TryRead(Duration? duration)
    {
        if (duration is null || duration.Seconds is > 400_000_000_000 or < -400_000_000_000 || Math.Abs((long)duration.Nanos) >= 1_000_000_000)
        {
            return null;
        }

        try
        {
            return duration.ToTimeSpan();
        }
        catch (Exception exception) when (exception is OverflowException or InvalidOperationException)
        {
            return null;
        }
    }

    private void Refuse(string field, string message) => _violations.Add(new FieldViolation { Field = field, Message = message });

    private void Warn(string message)
    {
        if (!_warnings.TryGetValue(_index, out var list))
        {
            _warnings.Add(_index, list = []);
        }

        list.Add(message);
    }

    /// <summary>For messages: control characters as U+FFFD, cut at 100 characters.</summary>
    private static string Printable(string text) =>
        string.Concat(text.Take(100).Select(c => char.IsControl(c) ? '\uFFFD' : c));

    [GeneratedRegex("^[a-z][a-z0-9-]{0,62}\\z")]
    private static partial Regex NamePattern();
}
