using Fleet.Agent.Tests.Actions.Zfs;

namespace Fleet.Agent.Tests.Actions.Lvm;

/// <summary>
/// A volume group of its own on the disk that FLEET_TEST_LVM names, whose content is lost: tests/rig/check-lvm. It has a thin pool "pool"
/// with the mounted volume vol, and the mounted plain volume home.
/// </summary>
public sealed class RealGroup : IDisposable
{
    private readonly string _disk = Environment.GetEnvironmentVariable("FLEET_TEST_LVM") ?? "";

    /// <param name="thinFileSystem">Of the volume vol.</param>
    public RealGroup(string thinFileSystem = "ext4")
    {
        if (_disk.Length == 0)
        {
            Assert.Skip("makes volume groups, which only a machine with FLEET_TEST_LVM=DISK is asked to: tests/rig/check-lvm");
        }

        Shell($"""
            set -e
            exec 2>&1
            vgcreate -q -y {Name} {_disk}
            lvcreate -q -y -W y -n home -L 100M {Name}
            lvcreate -q -y -L 400M --poolmetadatasize 4M -T {Name}/pool
            lvcreate -q -y -V {(thinFileSystem == "xfs" ? "400M" : "200M")} -T {Name}/pool -n vol
            mkfs.ext4 -q -F /dev/{Name}/home; mkfs.{thinFileSystem} -q {(thinFileSystem == "xfs" ? "-f" : "-F")} /dev/{Name}/vol
            for v in home vol; do mkdir -p {MountPoint}/$v; mount /dev/{Name}/$v {MountPoint}/$v; done
            """);
    }

    public string Name { get; } = $"fleettest{Guid.NewGuid():N}"[..16];

    public string MountPoint => $"/run/{Name}";

    /// <summary>Names of the snapshots, in the order of their names.</summary>
    public string Snapshots =>
        Shell($"lvs --noheadings -o lv_name -S 'origin!=\"\"' -O lv_name {Name} 2>/dev/null | tr -d ' ' | paste -sd ' '");

    /// <summary>lv_time counts whole seconds, and nothing but time makes the next one.</summary>
    public static void NextSecond() => Shell("sleep 1.1");

    /// <inheritdoc cref="RealPool.Shell"/>
    public static string Shell(string line) => RealPool.Shell(line);

    public void Dispose()
    {
        if (_disk.Length > 0)
        {
            Shell($"umount -q {MountPoint}/*; for i in 1 2 3 4 5; do vgremove -q -f -y {Name} >/dev/null 2>&1 && break; sleep 1; done; pvremove -q -f -y {_disk} 2>&1; rm -rf --one-file-system {MountPoint}");
        }
    }
}
