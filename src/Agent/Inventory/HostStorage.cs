using System.Collections.Concurrent;
using Fleet.Agent.Host;
using Fleet.Agent.Lvm;
using Fleet.Agent.Tools;
using Fleet.Agent.Zfs;
using Fleet.Agent.Zfs.Listing;

namespace Fleet.Agent.Inventory;

/// <summary>
/// Looks at ZFS and LVM. Where the kernel's part of ZFS is not loaded, or LVM's tools are not installed, nothing is started. Not
/// thread-safe: one look at a time.
/// </summary>
/// <param name="snapshots">What is known of ZFS's, which actions use too.</param>
internal sealed class HostStorage(HostPaths paths, IToolRunner tools, ZfsSnapshotCache snapshots, TimeProvider time)
{
    private readonly ZfsInventory _zfs = new(new ZfsQuery(tools, time, new ConcurrentDictionary<string, byte>()), snapshots, time);
    private readonly LvmQuery _lvm = new(tools, time, new ConcurrentDictionary<string, byte>(), static most => most);

    /// <summary>Holds were set or released: the snapshots of the dataset, and of those below it, are listed again. Thread-safe.</summary>
    public void HoldsChanged(string dataset) => snapshots.Forget(dataset);

    public async Task<HostInventory> LookAsync(CancellationToken cancellationToken)
    {
        var at = time.GetUtcNow();
        var zfs = Directory.Exists(paths.Sys("module/zfs")) && tools.Find("zfs") is not null
            ? await _zfs.ReadAsync(cancellationToken)
            : null;
        if (tools.Find("lvs") is null)
        {
            return new HostInventory(at, zfs, null, []);
        }

        var (lvm, error) = await _lvm.LookAsync(cancellationToken);
        return error is null ? new HostInventory(at, zfs, lvm, []) : new HostInventory(at, zfs, null, [error.Message]);
    }
}
