using System.Globalization;
using Fleet.Cli.Actions;
using Fleet.Protocol.V1;
using Fleet.Yaml;

namespace Fleet.Cli.Policies.Files;

/// <summary>
/// Finds the place in a file for a field that the coordinator refused, such as <c>policies[0].action.rsync.source.path</c>.
/// </summary>
internal static class FieldPlaces
{
    // Longest first: the first match counts. Fields that are not listed have the same name in both, apart from the prefix "action.".
    private static readonly (string Proto, string Yaml)[] Renamed =
    [
        .. ActionText.All.SelectMany(static action =>
            action.Renamed.Select(renamed => ($"action.{action.Name}.{renamed.Proto}", $"{action.Name}.{renamed.Yaml}"))),
        ("action.", ""),
        ("action", "rsync"),
        ("target.match_labels", "labels"),
        ("target.hosts", "hosts"),
        ("target", "hosts"),
        ("schedule.every", "every"),
        ("schedule.spread", "spread"),
        ("schedule", "every"),
        ("retry.max_attempts", "retry.attempts"),
        ("retry.initial_backoff", "retry.backoff"),
        ("name", "policy"),
    ];

    /// <summary><c>file:line:column: field: message</c>, with the field's name in the file if it is known.</summary>
    public static string Describe(FieldViolation violation, IReadOnlyList<PolicyDocument> documents)
    {
        if (!TrySplit(violation.Field, out var index, out var field) || index >= documents.Count)
        {
            return $"{violation.Field}: {violation.Message}";
        }

        var source = documents[index].Source;
        var path = ToYaml(field);
        var (line, column) = source.PositionOf(path);
        return string.Create(
            CultureInfo.InvariantCulture, $"{source.File}:{line}:{column}: {(path.Length > 0 ? path : "policy")}: {violation.Message}");
    }

    /// <summary>
    /// The name that a field of PolicySpec has in the file: <c>action.rsync.excludes[2]</c> becomes <c>rsync.exclude[2]</c>.
    /// </summary>
    public static string ToYaml(string field)
    {
        foreach (var (proto, yaml) in Renamed)
        {
            if (field.StartsWith(proto, StringComparison.Ordinal)
                && (proto[^1] == '.' || field.Length == proto.Length || field[proto.Length] is '.' or '['))
            {
                return yaml + field[proto.Length..];
            }
        }

        return field;
    }

    /// <summary>A value as the file would write it: durations, sizes and modes arrive in the protocol's notation.</summary>
    public static string ToYamlValue(string field, string value) =>
        field switch
        {
            "action.rsync.mode" when value.StartsWith("RSYNC_MODE_", StringComparison.Ordinal) => value["RSYNC_MODE_".Length..]
                .ToLowerInvariant(),
            "action.rsync.bandwidth_limit_bytes_per_second"
            or "action.lvm_snapshot.classic_size_bytes"
            or "action.lvm_snapshot.min_group_free_bytes"
                when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) => SizeText.Format(bytes),
            "schedule.every"
            or "schedule.spread"
            or "timeout"
            or "freshness"
            or "expire_after"
            or "retry.initial_backoff"
            or "retry.max_backoff" when TimeSpan.TryParseExact(value, "c", CultureInfo.InvariantCulture, out var span) =>
                DurationText.Format(span),
            _ => value,
        };

    private static bool TrySplit(string field, out int index, out string rest)
    {
        const string Prefix = "policies[";
        (index, rest) = (0, "");
        var end = field.IndexOf(']', StringComparison.Ordinal);
        if (!field.StartsWith(Prefix, StringComparison.Ordinal) || end < 0
            || !int.TryParse(field.AsSpan(Prefix.Length, end - Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out index))
        {
            return false;
        }

        rest = field[(end + 1)..].TrimStart('.');
        return true;
    }
}
