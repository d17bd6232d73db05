using Fleet.Agent.Tools;

namespace Fleet.Agent.Zfs;

/// <summary>
/// Makes one typed error of what zfs or zpool wrote to stderr. Pure, and careful: one line that no recorded release prints, or
/// lines that mean different things, and the kind is Unknown with the text as it came.
/// </summary>
internal static class ZfsErrorParser
{
    /// <summary>How messages end, so that nothing in a name can be taken for one.</summary>
    private static readonly (string Text, ZfsErrorKind Kind)[] Endings =
    [
        (": pool I/O is currently suspended", ZfsErrorKind.PoolSuspended),
        (": dataset does not exist", ZfsErrorKind.DoesNotExist),
        (": no such pool", ZfsErrorKind.DoesNotExist),
        ("' does not exist", ZfsErrorKind.DoesNotExist),
        (": dataset already exists", ZfsErrorKind.Exists),
        ("' exists", ZfsErrorKind.Exists),
        (": dataset is busy", ZfsErrorKind.Busy),
        ("' to see holders.", ZfsErrorKind.Busy),
        (": snapshot has dependent clones", ZfsErrorKind.HasClones),
        (": out of space", ZfsErrorKind.OutOfSpace),
        (" space quota exceeded.", ZfsErrorKind.OutOfSpace),
        (": permission denied", ZfsErrorKind.PermissionDenied),
        (": pool is read-only", ZfsErrorKind.ReadOnly),
        (": name is too long", ZfsErrorKind.NameTooLong),
        ("' in name", ZfsErrorKind.InvalidRequest),
        (": multiple snapshots of same fs not allowed", ZfsErrorKind.InvalidRequest),
        (": more recent snapshots or bookmarks exist", ZfsErrorKind.NewerExist),
        (" has been modified", ZfsErrorKind.TargetModified),
        (" contains partially-complete state from \"zfs receive -s\".", ZfsErrorKind.TargetHasToken),
        (": checksum mismatch or incomplete stream.", ZfsErrorKind.BrokenStream),
        ("' used in the initial send no longer exists", ZfsErrorKind.TokenDead),
        (": currently scrubbing; use 'zpool scrub -s' to cancel current scrub", ZfsErrorKind.ScanRunning),
        (": currently scrubbing; use 'zpool scrub -s' to cancel scrub", ZfsErrorKind.ScanRunning),
        (": scrub is paused; use 'zpool scrub' to resume", ZfsErrorKind.ScanRunning),
        (": scrub is paused; use 'zpool scrub' to resume scrub", ZfsErrorKind.ScanRunning),
        (": currently resilvering", ZfsErrorKind.ScanRunning),
        (": there is no active scrub", ZfsErrorKind.NoScan),
        ("' does not have any resumable receive state to abort", ZfsErrorKind.NoToken),
        (": tag already exists on this dataset", ZfsErrorKind.HoldMismatch),
        (": no such tag on this dataset", ZfsErrorKind.HoldMismatch),
    ];

    /// <summary>How messages begin whose ends vary.</summary>
    private static readonly (string Text, ZfsErrorKind Kind)[] Beginnings =
    [
        ("bad property list: invalid property '", ZfsErrorKind.InvalidRequest),
        ("could not find any snapshots to destroy;", ZfsErrorKind.NothingToDestroy),
        ("The ZFS modules are not loaded.", ZfsErrorKind.NotLoaded),
        ("The ZFS modules cannot be auto-loaded.", ZfsErrorKind.NotLoaded),
        ("cannot receive incremental stream: most recent snapshot of ", ZfsErrorKind.TargetDiverged),
        ("cannot receive: failed to read from stream", ZfsErrorKind.BrokenStream),
        ("cannot resume send: resume token is corrupt", ZfsErrorKind.TokenDead),
    ];

    /// <summary>Second halves of sentences, and lines that only repeat what an error means.</summary>
    private static readonly string[] Continuations =
    [
        "no snapshots were created",
        "no datasets available",
        "since most recent snapshot",
        "match incremental source",
        "must specify -F to overwrite it",
        "cannot receive new filesystem stream: unable to restore to destination",
        "Partially received snapshot is saved.",
        "Try running '",
    ];

    /// <summary>Everything after such a line is explanation: the usage, or a list of names.</summary>
    private static readonly string[] LastLines = [
        "usage:", "use '-r' to force", "use '-R' to destroy", "A resuming stream can be generated"];

    /// <param name="lines">Of stderr, safe to show: <see cref="StderrLines"/>.</param>
    public static ZfsError Parse(IReadOnlyList<string> lines)
    {
        ZfsErrorKind? kind = null;
        List<string> names = [];
        foreach (var line in lines)
        {
            if (StartsWithAny(line, LastLines))
            {
                break;
            }

            if (kind is not null && StartsWithAny(line, Continuations))
            {
                continue;
            }

            var found = KindOf(line);
            if (found is null || (kind is not null && found != kind))
            {
                return new ZfsError(ZfsErrorKind.Unknown, string.Join("; ", lines), names);
            }

            kind = found;
            if (NameIn(line) is { } name && !names.Contains(name))
            {
                names.Add(name);
            }
        }

        return kind is null
            ? new ZfsError(ZfsErrorKind.Unknown, string.Join("; ", lines), names)
            : new ZfsError(kind.Value, lines[0], names);
    }

    private static ZfsErrorKind? KindOf(string line)
    {
        foreach (var (text, kind) in Endings)
        {
            if (line.EndsWith(text, StringComparison.Ordinal))
            {
                return kind;
            }
        }

        foreach (var (text, kind) in Beginnings)
        {
            if (line.StartsWith(text, StringComparison.Ordinal))
            {
                return kind;
            }
        }

        return null;
    }

    /// <summary>"cannot open 'tank/a b': ...", "cannot destroy snapshot tank/a b@c: ...".</summary>
    private static string? NameIn(string line)
    {
        const string Unquoted = "cannot destroy snapshot ";
        var start = line.IndexOf('\'', StringComparison.Ordinal) + 1;
        var end = start > 0 ? line.IndexOf('\'', start) : -1;
        if (line.StartsWith(Unquoted, StringComparison.Ordinal))
        {
            // Names hold colons, but a colon in them is not followed by a blank and one of our wordings.
            (start, end) = (Unquoted.Length, line.LastIndexOf(": ", StringComparison.Ordinal));
        }

        return start > 0 && end > start && line[start..end] is var name && IsName(name) ? name : null;
    }

    private static bool IsName(string name)
    {
        var mark = name.AsSpan().IndexOfAny('@', '#');
        return mark < 0
            ? ZfsNames.IsDataset(name)
            : ZfsNames.IsDataset(name.AsSpan(0, mark)) && ZfsNames.IsSnapshotPart(name.AsSpan(mark + 1));
    }

    private static bool StartsWithAny(string line, string[] texts)
    {
        foreach (var text in texts)
        {
            if (line.StartsWith(text, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
