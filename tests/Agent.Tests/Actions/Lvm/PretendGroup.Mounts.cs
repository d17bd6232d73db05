using System.Globalization;
using System.Text;
using Fleet.Agent.Host;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Lvm;

/// <summary>Activation, and mounting of what is active.</summary>
internal sealed partial class PretendGroup
{
    private readonly List<(string Point, int Minor, string Options)> _mounted = [];

    /// <summary>By volume; "ext4" where nothing is said, "" for none.</summary>
    public Dictionary<string, string> FileSystems { get; } = [];

    public IEnumerable<string> Mounted => _mounted.Select(m => m.Point);

    /// <summary>Files, path and content, that a mounted volume shows, by its name.</summary>
    public Dictionary<string, Dictionary<string, string>> Files { get; } = [];

    /// <summary>What umount says. Null: it works.</summary>
    public string? UnmountError { get; set; }

    public MountTable MountTable =>
        MountTable.Parse(
            Encoding.UTF8.GetBytes(
                string.Concat(
                    _mounted
                        .Prepend(("/", 0, "rw"))
                        .Select(
                            (m, i) =>
                                string.Create(
                                    CultureInfo.InvariantCulture,
                                    $"{i + 20} 1 254:{m.Item2} / {m.Item1} {m.Item3} - ext4 /dev/x {m.Item3}\n")))));

    /// <summary>Writes what /sys/dev/block says of the volumes that there are now.</summary>
    public void WriteBlockDevices(string folder)
    {
        foreach (var volume in _volumes)
        {
            var device = Directory.CreateDirectory(
                Path.Join(folder, string.Create(CultureInfo.InvariantCulture, $"254:{Minor(volume)}"), "dm"));
            File.WriteAllText(
                Path.Join(device.FullName, "uuid"), $"LVM-groupuuid{volume.Uuid.Replace("-", "", StringComparison.Ordinal)}\n");
        }
    }

    /// <summary>As a mount that a dead agent left.</summary>
    public void AddMount(Volume volume, string point) => _mounted.Add((point, Minor(volume), "ro"));

    private static int Minor(Volume volume) => int.Parse(volume.Uuid[^4..], CultureInfo.InvariantCulture);

    private Volume? OfDevice(string device) => _volumes.Find(v => $"/dev/vg/{v.Name}" == device && v.Attributes[4] == 'a');

    private int Activate(IToolOutput output, string selection, string path, bool active)
    {
        if (_volumes.Find(v => $"vg/{v.Name}" == path) is not { } volume)
        {
            return Error(output, $"  Failed to find logical volume \"{path}\"");
        }

        if (selection != $"lv_uuid={volume.Uuid}")
        {
            return 0;
        }

        if (!active && (volume.Attributes[5] == 'o' || _mounted.Exists(m => m.Minor == Minor(volume))))
        {
            return Error(output, $"  Logical volume {path} contains a filesystem in use.");
        }

        volume.Attributes = $"{volume.Attributes[..4]}{(active ? 'a' : '-')}{volume.Attributes[5..]}";
        return 0;
    }

    private int Probe(IToolOutput output, string device)
    {
        if (OfDevice(device) is not { } volume)
        {
            Error(output, $"error: {device}: No such file or directory");
            return 2;
        }

        var type = FileSystems.GetValueOrDefault(volume.Name, "ext4");
        if (type.Length > 0)
        {
            output.OnLine(LogStream.Stdout, Encoding.UTF8.GetBytes(type), LineEnd.NewLine, false);
        }

        return type.Length > 0 ? 0 : 2;
    }

    private int Mount(IToolOutput output, string type, string options, string device, string point)
    {
        if (OfDevice(device) is not { } volume || FileSystems.GetValueOrDefault(volume.Name, "ext4") != type)
        {
            Error(output, $"mount: {point}: wrong fs type, bad option, bad superblock on {device}.");
            return 32;
        }

        Assert.True(Directory.Exists(point), point);
        _mounted.Add((point, Minor(volume), options.Split(',')[0]));
        foreach (var (path, content) in Files.GetValueOrDefault(volume.Name) ?? [])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Join(point, path))!);
            File.WriteAllText(Path.Join(point, path), content);
        }

        return 0;
    }

    private int Unmount(IToolOutput output, string point)
    {
        if (UnmountError is { } error)
        {
            Error(output, error);
            return 32;
        }

        Assert.Equal(1, _mounted.RemoveAll(m => m.Point == point));
        Array.ForEach(Directory.GetFiles(point), File.Delete);
        Array.ForEach(Directory.GetDirectories(point), d => Directory.Delete(d, recursive: true));
        return 0;
    }
}
