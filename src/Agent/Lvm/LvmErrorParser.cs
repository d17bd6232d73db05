using Fleet.Agent.Tools;

namespace Fleet.Agent.Lvm;

/// <summary>
/// Makes one typed error of what an LVM tool wrote to stderr. Pure, and careful: one line that no recorded release prints, or lines
/// that mean different things, and the kind is Unknown with the text as it came. Warnings are passed over: LVM prints them when
/// all goes well, too.
/// </summary>
internal static class LvmErrorParser
{
    /// <summary>How messages begin and continue. The first match counts.</summary>
    private static readonly (string Beginning, string Part, LvmErrorKind Kind)[] Wordings =
    [
        ("Failed to find logical volume \"", "", LvmErrorKind.DoesNotExist),
        ("Volume group \"", "\" not found", LvmErrorKind.DoesNotExist),
        ("Snapshot origin LV ", " not found in Volume group ", LvmErrorKind.DoesNotExist),
        ("Logical Volume \"", "\" already exists in volume group \"", LvmErrorKind.Exists),
        ("Logical volume ", " contains a filesystem in use.", LvmErrorKind.Busy),
        ("Logical volume ", " in use.", LvmErrorKind.Busy),
        ("Volume group \"", "\" has insufficient free space (", LvmErrorKind.OutOfSpace),
        ("Insufficient free space: ", " extents needed, but only ", LvmErrorKind.OutOfSpace),
        ("Cannot create new thin volume, free space in thin pool ", " reached threshold.", LvmErrorKind.PoolTooFull),
        ("Cannot merge snapshot ", " with merging snapshot ", LvmErrorKind.Merging),
        ("Snapshots of an origin that has a merging snapshot is not supported", "", LvmErrorKind.Merging),
        ("Unable to merge invalidated snapshot LV ", "", LvmErrorKind.SnapshotInvalid),
        ("Cannot change VG ", " while PVs are missing.", LvmErrorKind.DeviceMissing),
        ("/run/lock/lvm/", ": open failed: Permission denied", LvmErrorKind.PermissionDenied),
        ("/dev/mapper/control: open failed: Permission denied", "", LvmErrorKind.PermissionDenied),
        ("Logical volume name \"", "\" is invalid.", LvmErrorKind.InvalidRequest),
        ("Invalid argument for --addtag: ", "", LvmErrorKind.InvalidRequest),
        ("Unrecognised field: ", "", LvmErrorKind.InvalidRequest),
    ];

    /// <summary>Lines that only repeat what an error means.</summary>
    private static readonly string[] Continuations =
    [
        "Cannot process volume group ",
        "Run `lvcreate --help' for more information.",
        "Error during parsing of command line.",
        "Failure to communicate with kernel device-mapper driver.",
        "Incompatible libdevmapper ",
        "Consider vgreduce --removemissing.",
        "See vgreduce --removemissing and vgextend --restoremissing.",
        "snapshot: Required device-mapper target(s) not detected in your kernel.",
    ];

    /// <param name="lines">Of stderr, safe to show: <see cref="StderrLines"/>.</param>
    public static LvmError Parse(IReadOnlyList<string> lines)
    {
        LvmErrorKind? kind = null;
        var message = "";
        foreach (var line in lines.Select(l => l.Trim()))
        {
            if (line.StartsWith("WARNING: ", StringComparison.Ordinal)
                || (kind is not null && Continuations.Any(c => line.StartsWith(c, StringComparison.Ordinal))))
            {
                continue;
            }

            var found = KindOf(line);
            if (found is null || (kind is not null && found != kind))
            {
                return new LvmError(LvmErrorKind.Unknown, string.Join("; ", lines.Select(l => l.Trim())));
            }

            (kind, message) = (found, kind is null ? line : message);
        }

        return kind is null
            ? new LvmError(LvmErrorKind.Unknown, string.Join("; ", lines.Select(l => l.Trim())))
            : new LvmError(kind.Value, message);
    }

    private static LvmErrorKind? KindOf(string line)
    {
        foreach (var (beginning, part, kind) in Wordings)
        {
            if (line.StartsWith(beginning, StringComparison.Ordinal) && line.IndexOf(part, beginning.Length, StringComparison.Ordinal) >= 0)
            {
                return kind;
            }
        }

        return null;
    }
}
