namespace Fleet.Agent.Lvm;

/// <summary>Which names LVM takes: lvm(8), "VALID NAMES".</summary>
internal static class LvmNames
{
    /// <summary>Of a volume group together with a logical volume: device mapper doubles each '-' and allows 127 bytes.</summary>
    public const int MaxBytes = 127;

    /// <summary>A volume group: letters, digits, '+', '_', '.', '-', not starting with '-', not "." or "..".</summary>
    public static bool IsGroup(string name) => IsName(name);

    /// <summary>A logical volume: as a group, and none of the names that LVM keeps for itself.</summary>
    public static bool IsVolume(string name) =>
        IsName(name)
        && !name.StartsWith("snapshot", StringComparison.Ordinal)
        && !name.StartsWith("pvmove", StringComparison.Ordinal)
        && !ReservedParts.Any(p => name.Contains(p, StringComparison.Ordinal));

    /// <summary>"vg/home".</summary>
    public static bool IsVolumePath(string path) =>
        path.Split('/') is [var group, var volume] && IsGroup(group) && IsVolume(volume) && Fits(group, volume);

    /// <summary>
    /// Both together are within <see cref="MaxBytes"/>, with the ending "-real" or "-cow" of what belongs to a classic snapshot.
    /// </summary>
    public static bool Fits(string group, string volume) => Doubled(group) + 1 + Doubled(volume) + "-real".Length <= MaxBytes;

    /// <summary>
    /// What LVM gives out as identity: letters, digits and '-'. Nothing of it means anything in a selection of lvmreport(7).
    /// </summary>
    public static bool IsUuid(string uuid) => uuid.Length is > 0 and <= 64 && uuid.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    /// <summary>A tag: as a name, and '/', '=', '!', ':', '#', '&amp;' as well; at most 1,024 bytes.</summary>
    public static bool IsTag(string tag) =>
        tag.Length is > 0 and <= 1024 && tag[0] != '-' && tag.All(c => IsNameCharacter(c) || c is '/' or '=' or '!' or ':' or '#' or '&');

    private static readonly string[] ReservedParts =
    [
        "_cdata", "_cmeta", "_corig", "_iorig", "_mimage", "_mlog", "_pmspare", "_rimage", "_rmeta", "_tdata", "_tmeta", "_vdata",
        "_vorigin", "_wcorig",
    ];

    private static int Doubled(string name) => name.Length + name.Count(c => c == '-');

    private static bool IsName(string name) =>
        name.Length is > 0 and <= MaxBytes && name[0] != '-' && name is not ("." or "..") && name.All(IsNameCharacter);

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '+' or '_' or '.' or '-';
}
