using System.Text;
using System.Text.RegularExpressions;
using Fleet.Protocol.V1;
using Fleet.Schedules.Overlap;
using Google.Protobuf.Collections;

namespace Fleet.Coordinator.Policies;

/// <summary>The part that knows what of rsync goes together.</summary>
internal sealed partial class PolicyValidator
{
    private void ValidateRsyncOptions(RsyncAction rsync, string path)
    {
        if (rsync.Mode != RsyncMode.Versions)
        {
            RefuseIf(rsync.KeepVersions > 0, $"{path}.keep_versions", "only mode versions keeps versions");
            RefuseIf(rsync.Retention is not null, $"{path}.retention", "only mode versions keeps versions");
            RefuseIf(rsync.KeepIncomplete, $"{path}.keep_incomplete", "only mode versions keeps trees");
            RefuseIf(rsync.HasMinPercentOfLast, $"{path}.min_percent_of_last", "only mode versions compares trees");
        }

        RefuseIf(rsync.DeleteExcluded && rsync.Mode != RsyncMode.Mirror, $"{path}.delete_excluded", "only mode mirror deletes");
        RefuseIf(rsync.MinPercentOfLast is < 0 or > 100, $"{path}.min_percent_of_last", "must be 0 to 100");
        RefuseIf(rsync.Confirmation.Length > 0, $"{path}.confirmation", "confirms one run and does not belong into a policy");
        RefuseIf(rsync.Destination is { SingleFile: true }, $"{path}.destination.single_file", "only a source can be a single file");
        if (rsync.Source is { SingleFile: true })
        {
            RefuseIf(rsync.Mode == RsyncMode.Mirror, $"{path}.source.single_file", "a mirror needs a directory: copy or versions take a single file");
            RefuseIf(rsync.Source.Path.IsEmpty || rsync.Source.Path[^1] == '/', $"{path}.source.path", "must be the path of a file");
            RefuseIf(rsync.MinSourceEntries > 0, $"{path}.min_source_entries", "a single file has no entries");
        }

        if (rsync.Retention is not null)
        {
            RefuseIf(rsync.KeepVersions > 0, $"{path}.keep_versions", "cannot stand beside keep: one of them says which trees stay");
            ValidateRetention(rsync.Retention, $"{path}.retention");
        }

        if (rsync.RsyncPath.Length > 0)
        {
            RefuseIf((rsync.Source?.Ssh ?? rsync.Destination?.Ssh) is null, $"{path}.rsync_path", "is for a source or destination with ssh");
            RefuseIf(!RemoteProgramPattern().IsMatch(rsync.RsyncPath), $"{path}.rsync_path", "must be words of letters, digits and /._-+=,:@ parted by single spaces, such as \"sudo rsync\"");
        }
    }

    private void ValidatePatterns(RepeatedField<string> patterns, string path)
    {
        for (var i = 0; i < patterns.Count; i++)
        {
            RefuseIf(
                patterns[i].Length == 0 || patterns[i].Contains('\0') || Encoding.UTF8.GetByteCount(patterns[i]) > MaxPathBytes,
                $"{path}[{i}]",
                "a pattern has 1 to 4,096 bytes and no NUL");
        }

        RefuseIf(patterns.Count > 1_000, path, "more than 1,000 patterns");
    }

    private void ValidateOverlap(RsyncAction rsync, string path)
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
                Refuse($"{path}.destination.path", "is the source");
                break;
            case TreeOverlap.SourceInside:
                Refuse($"{path}.destination.path", "holds the source: the transfer would overwrite or delete what it copies");
                break;
            case TreeOverlap.DestinationInside:
                Refuse($"{path}.destination.path", "lies inside the source: exclude it, or set one_file_system if it is on a disk of its own");
                break;
            case TreeOverlap.DependsOnFileSystem:
                Warn("the destination lies inside the source: runs are refused unless it is on another file system; mount: says which");
                break;
            default:
                break;
        }
    }

    /// <summary>The destination is on a mount of its own, below the source; a run is refused while nothing is mounted there.</summary>
    private static bool IsMountBelow(RsyncAction rsync) =>
        !rsync.Destination.RequiredMount.IsEmpty
        && new TransferTrees { Source = rsync.Source.Path.Memory, Destination = rsync.Destination.RequiredMount.Memory }.Overlap() == TreeOverlap.DestinationInside;

    private void RefuseIf(bool wrong, string field, string message)
    {
        if (wrong)
        {
            Refuse(field, message);
        }
    }

    [GeneratedRegex("^[A-Za-z0-9/._+=,:@-]+(?: [A-Za-z0-9/._+=,:@-]+)*\\z")]
    private static partial Regex RemoteProgramPattern();
}
