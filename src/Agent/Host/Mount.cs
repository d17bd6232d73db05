namespace Fleet.Agent.Host;

/// <summary>One line of /proc/PID/mountinfo, see proc(5).</summary>
/// <param name="Id">Unique while it is mounted.</param>
/// <param name="Device">st_dev of its files, "major:minor".</param>
/// <param name="Root">The folder of the file system that is mounted: "/" unless it is a bind mount or a subvolume.</param>
/// <param name="Point">Where, as raw bytes: names need not be UTF-8.</param>
/// <param name="Type">For example "ext4", "nfs4", "fuse.sshfs".</param>
/// <param name="Source">For example "/dev/sda1".</param>
/// <param name="ReadOnly">The mount or its file system cannot be written to.</param>
internal sealed record Mount(int Id, string Device, byte[] Root, byte[] Point, string Type, byte[] Source, bool ReadOnly);
