using System.Globalization;

namespace Fleet.Agent.Actions;

/// <summary>
/// Names of Fleet's snapshots, without what they are of (tank/data@..., vg/home...., a folder of dated trees):
/// fleet_POLICY_20261120T205500Z, the instant in UTC that the run was scheduled for, so that all attempts of a run give the same name.
/// "adhoc" stands for a run without a policy. Two runs that were asked for in the same second differ by the start of the run id:
/// fleet_POLICY_20261120T205500Z-1846a328. A name proves nothing: that a snapshot is Fleet's is what its properties or tags say.
/// </summary>
/// <param name="Policy">a-z, 0-9 and '-'.</param>
/// <param name="Instant">Whole seconds, UTC.</param>
/// <param name="RunStart">The first eight digits of the run id. Empty if left out.</param>
internal sealed record SnapshotName(string Policy, DateTimeOffset Instant, string RunStart = "")
{
    private const string Prefix = "fleet_";
    private const string AdHoc = "adhoc";
    private const string Format = "yyyyMMdd'T'HHmmss'Z'";
    private const int InstantLength = 16;
    private const int RunStartLength = 8;

    /// <param name="policy">
    /// Empty for a run without a policy. What names of policies may not hold becomes '-', since a name of ours becomes a path.
    /// </param>
    /// <param name="instant">Its fraction of a second is left out.</param>
    /// <param name="runId">Empty, or 32 hex digits, to tell it from another run of the same second.</param>
    public static SnapshotName Create(string policy, DateTimeOffset instant, string runId = "") => new(
        policy.Length == 0 ? AdHoc : Safe(policy),
        DateTimeOffset.FromUnixTimeSeconds(instant.ToUnixTimeSeconds()),
        Safe(runId[..Math.Min(RunStartLength, runId.Length)]));

    /// <summary>Null if it is not a name that <see cref="ToString"/> gives.</summary>
    public static SnapshotName? Parse(string name)
    {
        var end = name.LastIndexOf('_');
        if (!name.StartsWith(Prefix, StringComparison.Ordinal) || end <= Prefix.Length)
        {
            return null;
        }

        var policy = name[Prefix.Length..end];
        var rest = name[(end + 1)..];
        var runStart = rest.Length == InstantLength + 1 + RunStartLength && rest[InstantLength] == '-' ? rest[(InstantLength + 1)..] : "";
        return policy == Safe(policy)
            && (runStart.Length > 0 ? runStart.All(char.IsAsciiHexDigitLower) : rest.Length == InstantLength)
            && DateTimeOffset.TryParseExact(
                rest[..InstantLength], Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            ? new SnapshotName(policy, instant, runStart)
            : null;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Prefix}{Policy}_{Instant.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture)}"
        + $"{(RunStart.Length > 0 ? "-" : "")}{RunStart}");

    private static string Safe(string text) =>
        string.Concat(text.Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '-'));
}
