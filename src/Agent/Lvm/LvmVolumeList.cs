using Fleet.Agent.Logging;

namespace Fleet.Agent.Lvm;

/// <summary>The volumes that an action names. Pure.</summary>
internal static class LvmVolumeList
{
    /// <summary>Null if each has a name that LVM takes, none comes twice, and there is one.</summary>
    public static string? Problem(IReadOnlyList<string> volumes) =>
        volumes.Count == 0 ? "no volume is named"
        : volumes.FirstOrDefault(v => !LvmNames.IsVolumePath(v)) is { } bad ? $"{LogText.Escape(bad)} is not a volume name, such as vg/home"
        : volumes.GroupBy(v => v).FirstOrDefault(g => g.Count() > 1) is { } twice ? $"{twice.Key} is named twice"
        : null;

    /// <summary>What stands for a name now, if snapshots can be made of it.</summary>
    /// <param name="problem">Why there is none, one line, safe to show.</param>
    public static LvmVolume? Origin(LvmStock stock, string name, out string problem)
    {
        var volume = stock.Find(name);
        problem = volume is null ? $"there is no volume {name}"
            : volume.Kind == LvmVolumeKind.ThinPool ? $"{name} is a thin pool: name the volumes in it"
            : volume.Kind == LvmVolumeKind.ClassicSnapshot ? $"{name} is a classic snapshot, which cannot have snapshots"
            : "";
        return problem.Length == 0 ? volume : null;
    }
}
