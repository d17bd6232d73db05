using System.Text;
using Fleet.Agent.Lvm;
using Fleet.Agent.Storage;

namespace Fleet.Agent.Actions.Lvm;

/// <summary>
/// What says, through a crash and a reboot, which volumes the agent itself activated: a file UUID.activated for each, with the volume's
/// name. Written before the activation and removed after its end. Each call may throw <see cref="IOException"/> or
/// <see cref="UnauthorizedAccessException"/>.
/// </summary>
internal sealed class LvmMountMarkers(string folder)
{
    private const string End = ".activated";

    public void Add(LvmVolume volume)
    {
        DurableFile.CreateFolder(folder);
        DurableFile.Write(FileOf(volume.Uuid), Encoding.UTF8.GetBytes(volume.FullName));
    }

    public bool Contains(string uuid) => File.Exists(FileOf(uuid));

    public void Remove(string uuid) => File.Delete(FileOf(uuid));

    /// <summary>Uuids. A file of another name is none of ours.</summary>
    public IReadOnlyList<string> All() =>
        Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, $"*{End}").Select(f => Path.GetFileName(f)[..^End.Length]).Where(LvmNames.IsUuid)]
            : [];

    /// <exception cref="ArgumentException">No uuid: it would be another path.</exception>
    private string FileOf(string uuid) =>
        LvmNames.IsUuid(uuid) ? Path.Join(folder, uuid + End) : throw new ArgumentException($"{uuid} is not a UUID", nameof(uuid));
}
