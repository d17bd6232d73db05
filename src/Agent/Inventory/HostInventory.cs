using Fleet.Agent.Lvm;
using Fleet.Agent.Zfs;

namespace Fleet.Agent.Inventory;

/// <summary>What this host has in ZFS and LVM at one time.</summary>
/// <param name="Zfs">Null if ZFS is not there.</param>
/// <param name="Lvm">Null if LVM is not there, or did not answer in full.</param>
/// <param name="Problems">Besides those that <paramref name="Zfs"/> names. Sentences for people, safe to show.</param>
internal sealed record HostInventory(DateTimeOffset At, ZfsReport? Zfs, LvmStock? Lvm, IReadOnlyList<string> Problems);
