using System.Text;
using System.Text.RegularExpressions;
using Fleet.Protocol.V1;
using Fleet.Schedules.Overlap;
using Google.Protobuf.Collections;

namespace Fleet.Coordinator.Actions;

/// <summary>rsync: copies, mirrors and dated trees.</summary>
internal sealed partial class RsyncRules() : ActionRules<RsyncAction>(ActionCase.Rsync, static action => action.Rsync)
{
    protected override void Validate(RsyncAction rsync, string path, ActionFindings findings)
    {
        var sourceOk = CheckEndpoint(findings, rsync.Source, $"{path}.source");
        var destinationOk = CheckEndpoint(findings, rsync.Destination, $"{path}.destination");
        if (rsync.Mode is not (RsyncMode.Copy or RsyncMode.Mirror or RsyncMode.Versions))
        {
            findings.Refuse($"{path}.mode", "is required: copy, mirror or versions");
        }

        if (rsync.Source is { RemoteCase: not RsyncEndpoint.RemoteOneofCase.None }
            && rsync.Destination is { RemoteCase: not RsyncEndpoint.RemoteOneofCase.None })
        {
            findings.Refuse($"{path}.destination", "source and destination are both remote: rsync can have one remote side only");
        }

        if (rsync.Mode == RsyncMode.Versions && rsync.Destination is { RemoteCase: not RsyncEndpoint.RemoteOneofCase.None })
        {
            findings.Refuse($"{path}.destination", "mode versions needs a local destination: let the agent on the destination's host pull");
        }

        if (sourceOk && destinationOk)
        {
            CheckOverlap(findings, rsync, path);
        }

        RsyncExcludes.Check(findings, rsync, path);
        CheckPatterns(findings, rsync.Excludes, $"{path}.excludes");
        CheckPatterns(findings, rsync.Includes, $"{path}.includes");
        if (rsync.BandwidthLimitBytesPerSecond is not 0 and < 1024)
        {
            findings.Refuse($"{path}.bandwidth_limit_bytes_per_second", "must be 0 (no limit) or at least 1,024");
        }

        findings.RefuseNegative(rsync.MaxDelete, $"{path}.max_delete");
        findings.RefuseNegative(rsync.MinSourceEntries, $"{path}.min_source_entries");
        findings.RefuseNegative(rsync.KeepVersions, $"{path}.keep_versions");
        if (rsync.MaxDelete > 0 && rsync.Mode is RsyncMode.Copy or RsyncMode.Versions)
        {
            findings.Refuse($"{path}.max_delete", "only mode mirror deletes");
        }

        CheckOptions(findings, rsync, path);

        if (rsync.DryRun)
        {
            findings.Warn("the action is a dry run: it changes nothing, and so protects nothing");
        }
    }

    public override void AddEventAttributes(ActionResult result, bool isDryRun, EventAttributes attributes)
    {
        // In a dry run, rsync counts as if it had done the work.
        if (result.Rsync is { } rsync && !isDryRun)
        {
            attributes.Add("files", rsync.Files);
            attributes.Add("files_transferred", rsync.FilesTransferred);
            attributes.Add("total_bytes", rsync.TotalBytes);
            attributes.Add("transferred_bytes", rsync.TransferredBytes);
        }

        if (result.RsyncPlan is { } plan)
        {
            attributes.Add("would_write", plan.WouldWrite);
            attributes.Add("would_delete", plan.WouldDelete);
            attributes.AddConfirmation(plan.Confirmation);
        }
    }

    private static bool CheckEndpoint(ActionFindings findings, RsyncEndpoint? endpoint, string path)
    {
        if (endpoint is null)
        {
            findings.Refuse(path, "is required");
            return false;
        }

        var before = findings.Violations.Count;
        var bytes = endpoint.Path.Span;
        var daemon = endpoint.RemoteCase == RsyncEndpoint.RemoteOneofCase.Daemon;
        if (bytes.IsEmpty && !daemon)
        {
            findings.Refuse($"{path}.path", "is required");
        }
        else if (!daemon && bytes[0] != (byte)'/')
        {
            findings.Refuse($"{path}.path", "must be absolute (begin with \"/\")");
        }

        findings.RefuseBadPath(bytes, $"{path}.path");
        findings.RefusePlaceholder(endpoint.Path, $"{path}.path");
        findings.RefusePlaceholder(endpoint.RequiredMount, $"{path}.required_mount");
        if (!endpoint.RequiredMount.IsEmpty)
        {
            if (endpoint.RemoteCase != RsyncEndpoint.RemoteOneofCase.None)
            {
                findings.Refuse($"{path}.required_mount", "can be checked for a local path only");
            }
            else if (endpoint.RequiredMount[0] != (byte)'/')
            {
                findings.Refuse($"{path}.required_mount", "must be absolute (begin with \"/\")");
            }

            findings.RefuseBadPath(endpoint.RequiredMount.Span, $"{path}.required_mount");
        }

        switch (endpoint.RemoteCase)
        {
            case RsyncEndpoint.RemoteOneofCase.Ssh:
                findings.CheckSsh(endpoint.Ssh, $"{path}.ssh");
                break;
            case RsyncEndpoint.RemoteOneofCase.Daemon:
                findings.CheckRemote(endpoint.Daemon.Host, endpoint.Daemon.Port, endpoint.Daemon.User, $"{path}.daemon");
                findings.RefuseRelativeFile(endpoint.Daemon.PasswordFile, $"{path}.daemon.password_file");
                if (!ModulePattern().IsMatch(endpoint.Daemon.Module))
                {
                    findings.Refuse($"{path}.daemon.module", "is required: the module's name, without \"/\" and without spaces");
                }

                break;
            default:
                break;
        }

        return findings.Violations.Count == before;
    }

    private static void CheckPatterns(ActionFindings findings, RepeatedField<string> patterns, string path)
    {
        for (var i = 0; i < patterns.Count; i++)
        {
            findings.RefuseIf(
                patterns[i].Length == 0 || patterns[i].Contains('\0') || Encoding.UTF8.GetByteCount(patterns[i]) > PathFields.MaxPathBytes,
                $"{path}[{i}]",
                "a pattern has 1 to 4,096 bytes and no NUL");
        }

        findings.RefuseIf(patterns.Count > 1_000, path, "more than 1,000 patterns");
    }

    private static void CheckOverlap(ActionFindings findings, RsyncAction rsync, string path)
    {
        if (rsync.Source.RemoteCase != RsyncEndpoint.RemoteOneofCase.None
            || rsync.Destination.RemoteCase != RsyncEndpoint.RemoteOneofCase.None)
        {
            return;
        }

        var trees = new TransferTrees
        {
            Source = rsync.Source.Path.Memory,
            Destination = rsync.Destination.Path.Memory,
            Includes = rsync.Includes,
            Excludes = rsync.Excludes,
            OneFileSystem = rsync.OneFileSystem,
            OtherFileSystem = IsMountBelow(rsync) ? true : null,
        };
        switch (trees.Overlap())
        {
            case TreeOverlap.Same:
                findings.Refuse($"{path}.destination.path", "is the source");
                break;
            case TreeOverlap.SourceInside:
                findings.Refuse($"{path}.destination.path", "contains the source: the transfer would overwrite or delete what it copies");
                break;
            case TreeOverlap.DestinationInside:
                findings.Refuse(
                    $"{path}.destination.path",
                    "lies inside the source: exclude it, or set one_file_system if it is on a disk of its own");
                break;
            case TreeOverlap.DependsOnFileSystem:
                findings.Warn(
                    "the destination lies inside the source: runs are refused unless it is on another file system; mount: says which");
                break;
            default:
                break;
        }
    }

    private static void CheckOptions(ActionFindings findings, RsyncAction rsync, string path)
    {
        if (rsync.Mode != RsyncMode.Versions)
        {
            findings.RefuseIf(rsync.KeepVersions > 0, $"{path}.keep_versions", "only mode versions keeps versions");
            findings.RefuseIf(rsync.Retention is not null, $"{path}.retention", "only mode versions keeps versions");
            findings.RefuseIf(rsync.KeepIncomplete, $"{path}.keep_incomplete", "only mode versions keeps trees");
            findings.RefuseIf(rsync.HasMinPercentOfLast, $"{path}.min_percent_of_last", "only mode versions compares trees");
        }

        findings.RefuseIf(rsync.DeleteExcluded && rsync.Mode != RsyncMode.Mirror, $"{path}.delete_excluded", "only mode mirror deletes");
        findings.RefuseIf(rsync.MinPercentOfLast is < 0 or > 100, $"{path}.min_percent_of_last", "must be 0 to 100");
        findings.RefuseIf(rsync.Confirmation.Length > 0, $"{path}.confirmation", "confirms one run and does not belong in a policy");
        findings.RefuseIf(
            rsync.Destination is { SingleFile: true }, $"{path}.destination.single_file", "only a source can be a single file");
        if (rsync.Source is { SingleFile: true })
        {
            findings.RefuseIf(
                rsync.Mode == RsyncMode.Mirror,
                $"{path}.source.single_file",
                "a mirror needs a directory: copy or versions take a single file");
            findings.RefuseIf(
                rsync.Source.Path.IsEmpty || rsync.Source.Path[^1] == '/', $"{path}.source.path", "must be the path of a file");
            findings.RefuseIf(rsync.MinSourceEntries > 0, $"{path}.min_source_entries", "a single file has no entries");
        }

        if (rsync.Retention is not null)
        {
            findings.RefuseIf(
                rsync.KeepVersions > 0, $"{path}.keep_versions", "cannot be combined with keep: only one of them can say which trees stay");
            findings.CheckRetention(rsync.Retention, $"{path}.retention");
        }

        if (rsync.RsyncPath.Length > 0)
        {
            findings.RefuseIf(
                (rsync.Source?.Ssh ?? rsync.Destination?.Ssh) is null,
                $"{path}.rsync_path",
                "is for a source or destination with ssh");
            findings.RefuseIf(
                !RemoteProgramPattern().IsMatch(rsync.RsyncPath),
                $"{path}.rsync_path",
                "must be words of letters, digits and /._-+=,:@ separated by single spaces, such as \"sudo rsync\"");
        }
    }

    /// <summary>
    /// Whether the destination is on a mount of its own below the source. A run is refused while nothing is mounted there.
    /// </summary>
    private static bool IsMountBelow(RsyncAction rsync) =>
        !rsync.Destination.RequiredMount.IsEmpty
        && new TransferTrees { Source = rsync.Source.Path.Memory, Destination = rsync.Destination.RequiredMount.Memory }.Overlap()
            == TreeOverlap.DestinationInside;

    [GeneratedRegex("^[^/\\s\\p{Cc}-][^/\\s\\p{Cc}]{0,254}\\z")]
    private static partial Regex ModulePattern();

    [GeneratedRegex("^[A-Za-z0-9/._+=,:@-]+(?: [A-Za-z0-9/._+=,:@-]+)*\\z")]
    private static partial Regex RemoteProgramPattern();
}
