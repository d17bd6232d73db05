using Fleet.Agent.Tools;

namespace Fleet.Agent.Lvm;

/// <summary>
/// Argument vectors of lvs(8), vgs(8), pvs(8), lvcreate(8), lvchange(8), lvconvert(8) and lvremove(8), LVM 2.03 or newer. Pure. Reports are
/// JSON with sizes in bytes and times in seconds since 1970. Names must have passed <see cref="LvmNames"/>.
/// </summary>
internal static class LvmCommands
{
    private const string VolumeColumns =
        "lv_uuid,vg_name,lv_name,lv_attr,lv_size,lv_tags,lv_time,lv_active,lv_skip_activation,lv_layout,lv_role,lv_health_status,"
        + "lv_merging,lv_merge_failed,lv_snapshot_invalid,lv_when_full,pool_lv,pool_lv_uuid,origin,origin_uuid,"
        + "data_percent,metadata_percent,lv_metadata_size,seg_monitor";

    private const string GroupColumns = "vg_uuid,vg_name,vg_attr,vg_size,vg_free,vg_extent_size,vg_missing_pv_count,vg_tags";

    private const string DeviceColumns = "pv_uuid,pv_name,vg_name,pv_size,pv_free,pv_missing";

    // Newer releases put errors into the report and not on stderr, unless they are told not to (lvmreport(7); seen with 2.03.31).
    private static readonly ToolArgument[] Report =
        ["--reportformat", "json", "--units", "b", "--nosuffix", "--config", "report{time_format=\"%s\"} log{report_command_log=0}"];

    /// <summary>Messages in English and times without a zone: the runner sets LC_ALL.</summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string> { ["TZ"] = "UTC" };

    /// <summary>lvs: every logical volume, those that LVM itself uses included, for <see cref="LvmReportParser.Volumes"/>.</summary>
    public static IReadOnlyList<ToolArgument> Volumes() => ["-a", .. Report, "-o", VolumeColumns];

    /// <summary>vgs: every volume group, for <see cref="LvmReportParser.Groups"/>.</summary>
    public static IReadOnlyList<ToolArgument> Groups() => [.. Report, "-o", GroupColumns];

    /// <summary>pvs: every disk that LVM uses, for <see cref="LvmReportParser.Devices"/>.</summary>
    public static IReadOnlyList<ToolArgument> Devices() => [.. Report, "-o", DeviceColumns];

    /// <summary>
    /// lvcreate: a snapshot in the thin pool of its origin. It is not activated, see <see cref="LvmVolume.SkipsActivation"/>.
    /// </summary>
    public static IReadOnlyList<ToolArgument> ThinSnapshot(string group, string origin, string name, IReadOnlyList<string> tags) =>
        ["-s", "-n", name, .. Tags(tags), $"{group}/{origin}"];

    /// <summary>lvcreate: a snapshot that keeps what its origin overwrites, up to a size; past that it is lost.</summary>
    /// <param name="sizeBytes">LVM rounds it up to whole extents.</param>
    public static IReadOnlyList<ToolArgument> ClassicSnapshot(
        string group, string origin, string name, long sizeBytes, IReadOnlyList<string> tags) =>
        ["-s", "-n", name, "-L", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{sizeBytes}b"), .. Tags(tags),
            $"{group}/{origin}"];

    /// <summary>lvremove: a volume that has both, this name and this uuid. Where none has, it succeeds without a word.</summary>
    /// <exception cref="ArgumentException">No uuid: it would mean something else in a selection, see lvmreport(7).</exception>
    public static IReadOnlyList<ToolArgument> Remove(string group, string name, string uuid) => ["-y", .. Selected(group, name, uuid)];

    /// <summary>
    /// lvchange: makes the device of a volume that has both, this name and this uuid, also of a thin snapshot, which -ay alone passes over.
    /// </summary>
    /// <inheritdoc cref="Remove"/>
    public static IReadOnlyList<ToolArgument> Activate(string group, string name, string uuid) =>
        ["-ay", "-K", .. Selected(group, name, uuid)];

    /// <summary>lvchange: takes the device away.</summary>
    /// <inheritdoc cref="Remove"/>
    public static IReadOnlyList<ToolArgument> Deactivate(string group, string name, string uuid) => ["-an", .. Selected(group, name, uuid)];

    /// <summary>
    /// lvchange: gives a volume that has both, this name and this uuid, a tag, or takes it off. One that has it, or has it not, stays as it
    /// is.
    /// </summary>
    /// <inheritdoc cref="Remove"/>
    public static IReadOnlyList<ToolArgument> SetTag(string group, string name, string uuid, string tag, bool remove) =>
        [remove ? "--deltag" : "--addtag", tag, .. Selected(group, name, uuid)];

    /// <summary>
    /// lvconvert: gives the origin of a snapshot its content; of an origin that is open, at its next activation. It takes no uuid: what has
    /// the name must have been looked at right before.
    /// </summary>
    public static IReadOnlyList<ToolArgument> Merge(string group, string name) => ["-y", "--merge", $"{group}/{name}"];

    private static ToolArgument[] Selected(string group, string name, string uuid) =>
        LvmNames.IsUuid(uuid)
            ? ["--select", $"lv_uuid={uuid}", $"{group}/{name}"]
            : throw new ArgumentException($"{uuid} is not a UUID", nameof(uuid));

    private static IEnumerable<ToolArgument> Tags(IReadOnlyList<string> tags) => tags.SelectMany(t => new ToolArgument[] { "--addtag", t });
}
