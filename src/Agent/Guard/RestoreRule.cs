namespace Fleet.Agent.Guard;

/// <summary>A folder below which files may be restored, and what from.</summary>
/// <param name="Datasets">With everything in them, whose snapshots may be read: "tank/data".</param>
/// <param name="Volumes">As in the rules on LVM: "vg", "vg/home".</param>
/// <param name="Trees">Folders that hold dated trees, with everything below them.</param>
/// <param name="Overwrite">What is there may be replaced.</param>
/// <param name="Text">The rule with file and line. Safe to log.</param>
internal sealed record RestoreRule(
    byte[] Path, IReadOnlyList<string> Datasets, IReadOnlyList<string> Volumes, IReadOnlyList<byte[]> Trees, bool Overwrite, string Text);
