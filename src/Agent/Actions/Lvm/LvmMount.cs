using Fleet.Agent.Lvm;

namespace Fleet.Agent.Actions.Lvm;

/// <summary>A snapshot that can be read below a folder until <see cref="LvmMounts.UnmountAsync"/>.</summary>
/// <param name="Path">Absolute, without symbolic links.</param>
/// <param name="Type">"ext4", "xfs".</param>
internal sealed record LvmMount(LvmVolume Snapshot, byte[] Path, string Type);
