using System.Globalization;
using System.Text;
using System.Text.Json;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Lvm;

/// <summary>
/// A volume group in memory that answers what the actions on LVM ask as the recorded releases do, making and removing included: what no
/// recording can show is a group that changes between two questions. That the answers are those of a real group: RealGroupTests.
/// </summary>
internal sealed partial class PretendGroup : IToolRunner
{
    public const string Run = "1846a328cf9540b68137b0507d35680c";
    private const long ExtentBytes = 4 << 20;

    /// <summary>A program around snapshots.</summary>
    public const string Hook = "/bin/hook";

    private readonly List<Volume> _volumes = [];
    private int _nextUuid = 1;

    /// <summary>A group vg with the thin volumes vol and other in the pool "pool", and the plain volume home.</summary>
    public PretendGroup()
    {
        Pool = Add(
            new Volume
            {
                Name = "pool",
                Attributes = "twi-aotz--",
                Layout = "thin,pool",
                Role = "private",
                Data = "10.00",
                Metadata = "12.00",
            });
        Vol = Thin("vol");
        Thin("other");
        Home = Plain("home");
    }

    public Volume Pool { get; }

    public Volume Vol { get; }

    public Volume Home { get; }

    public long FreeBytes { get; set; } = 1 << 30;

    /// <summary>Its disks are not there.</summary>
    public bool GroupIsAway { get; set; }

    public List<string> Asked { get; } = [];

    /// <summary>The argument with which <see cref="Hook"/> ends with 1.</summary>
    public string FailingHook { get; set; } = "";

    /// <summary>What each call of <see cref="Hook"/> was given.</summary>
    public List<TimeSpan?> HookTimeouts { get; } = [];

    public IReadOnlyList<Volume> All => [.. _volumes];

    /// <summary>Names of everything but the pool and the first volumes.</summary>
    public IEnumerable<string> Snapshots => _volumes.Where(v => v.OriginUuid.Length > 0).Select(v => v.Name);

    /// <summary>Called with each command line before it is answered.</summary>
    public Action<string>? OnAsked { get; set; }

    /// <summary>The instant of the snapshot that <see cref="Hourly"/> numbers so.</summary>
    public static DateTimeOffset At(int hour) => TestRun.Instant.AddMinutes(-100_000 + (hour * 60));

    public string? Find(string tool) => $"/usr/sbin/{tool}";

    public Volume Thin(string name) =>
        Add(
            new Volume
            {
                Name = name,
                Attributes = "Vwi-aotz--",
                Layout = "thin,sparse",
                Role = "public",
                Pool = Pool.Name,
                PoolUuid = Pool.Uuid,
                Data = "5.00",
            });

    public Volume Plain(string name) => Add(new Volume { Name = name, Attributes = "-wi-ao----", Layout = "linear", Role = "public" });

    /// <summary>Thin snapshots of vol named s0, s1, ... an hour apart, made by the policy nightly.</summary>
    public void Hourly(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Snapshot(Vol, $"s{i}", At(i));
        }
    }

    /// <param name="tags">Null: those of the policy nightly.</param>
    public Volume Snapshot(Volume origin, string name, DateTimeOffset at, string? tags = null)
    {
        var isThin = origin.PoolUuid.Length > 0;
        return Add(new Volume
        {
            Name = name,
            Attributes = isThin ? "Vwi---tz-k" : "swi-a-s---",
            Layout = isThin ? "thin,sparse" : "linear",
            Role = isThin ? "public,snapshot,thinsnapshot" : "public,snapshot",
            Pool = origin.Pool,
            PoolUuid = origin.PoolUuid,
            Origin = origin.Name,
            OriginUuid = origin.Uuid,
            Time = at,
            Tags = tags ?? $"fleet,fleet.policy=nightly,fleet.run={Run}",
            Data = isThin ? "" : "1.00",
        });
    }

    public void Remove(Volume volume) => _volumes.Remove(volume);

    public Task<ToolResult> RunAsync(ToolRequest request, IToolOutput output, CancellationToken cancellationToken)
    {
        string[] words = [request.Program, .. request.Arguments.Select(a => a.ToString())];
        var line = string.Join(' ', words);
        OnAsked?.Invoke(line);
        Asked.Add(line);
        var exit = words switch
        {
            ["lvs", "-a", "--reportformat", "json", ..] => Report(output, "lv", GroupIsAway ? [] : _volumes.Select(v => v.Row())),
            ["vgs", "--reportformat", "json", ..] => Report(output, "vg", GroupIsAway ? [] : [GroupRow()]),
            ["lvcreate", "-s", "-n", var name, .. var rest] => Create(output, name, rest),
            ["lvremove", "-y", "--select", var selection, var path] => Remove(output, selection, path),
            ["lvconvert", "-y", "--merge", var path] => Merge(output, path),
            ["lvchange", "-ay", "-K", "--select", var selection, var path] => Activate(output, selection, path, active: true),
            ["lvchange", "-an", "--select", var selection, var path] => Activate(output, selection, path, active: false),
            ["lvchange", "--addtag" or "--deltag", var tag, "--select", var selection, var path] => SetTag(
                output,
                selection,
                path,
                tag,
                remove: words[1] == "--deltag"),
            [Hook, var what] => RunHook(what, request.Timeout),
            ["blkid", "-p", "-s", "TYPE", "-o", "value", var device] => Probe(output, device),
            ["mount", "-t", var type, "-o", var options, var device, var point] => Mount(output, type, options, device, point),
            ["umount", var point] => Unmount(output, point),
            _ => throw new InvalidOperationException($"not known: {line}"),
        };
        return Task.FromResult(new ToolResult { Name = request.Program, End = ToolEnd.Exited, ExitCode = exit });
    }

    private Volume Add(Volume volume)
    {
        volume.Uuid = string.Create(CultureInfo.InvariantCulture, $"uuid-{_nextUuid++:0000}");
        _volumes.Add(volume);
        return volume;
    }

    private Dictionary<string, string> GroupRow() => new()
    {
        ["vg_uuid"] = "uuid-vg",
        ["vg_name"] = "vg",
        ["vg_attr"] = "wz--n-",
        ["vg_size"] = "4294967296",
        ["vg_free"] = FreeBytes.ToString(CultureInfo.InvariantCulture),
        ["vg_extent_size"] = ExtentBytes.ToString(CultureInfo.InvariantCulture),
        ["vg_missing_pv_count"] = "0",
        ["vg_tags"] = "",
    };

    private int Create(IToolOutput output, string name, string[] rest)
    {
        var path = rest[^1].Split('/');
        var tags = string.Join(',', rest.Index().Where(w => w.Index > 0 && rest[w.Index - 1] == "--addtag").Select(w => w.Item));
        if (_volumes.Find(v => v.Name == path[1] && path[0] == "vg") is not { } origin)
        {
            return Error(output, $"  Snapshot origin LV {path[1]} not found in Volume group {path[0]}.");
        }

        if (_volumes.Exists(v => v.Name == name))
        {
            return Error(output, $"  Logical Volume \"{name}\" already exists in volume group \"vg\"");
        }

        Assert.Equal(rest[0] == "-L", origin.PoolUuid.Length == 0);
        var snapshot = Snapshot(origin, name, TestRun.Instant, tags);
        snapshot.Size = rest[0] == "-L" ? rest[1].TrimEnd('b') : origin.Size;
        return 0;
    }

    private int Remove(IToolOutput output, string selection, string path)
    {
        if (_volumes.Find(v => $"vg/{v.Name}" == path) is not { } volume)
        {
            return Error(output, $"  Failed to find logical volume \"{path}\"");
        }

        if (selection != $"lv_uuid={volume.Uuid}")
        {
            return 0;
        }

        if (volume.Attributes[5] == 'o')
        {
            return Error(output, $"  Logical volume {path} contains a filesystem in use.");
        }

        _volumes.Remove(volume);
        return 0;
    }

    private int RunHook(string what, TimeSpan? timeout)
    {
        HookTimeouts.Add(timeout);
        return what == FailingHook ? 1 : 0;
    }

    private int SetTag(IToolOutput output, string selection, string path, string tag, bool remove)
    {
        if (_volumes.Find(v => $"vg/{v.Name}" == path) is not { } volume)
        {
            return Error(output, $"  Failed to find logical volume \"{path}\"");
        }

        if (selection == $"lv_uuid={volume.Uuid}")
        {
            var others = volume.Tags.Split(',').Where(t => t.Length > 0 && t != tag);
            volume.Tags = string.Join(',', remove ? others : others.Append(tag));
        }

        return 0;
    }

    private static int Report(IToolOutput output, string list, IEnumerable<Dictionary<string, string>> rows)
    {
        var report = new { report = new[] { new Dictionary<string, object> { [list] = rows } } };
        output.OnLine(LogStream.Stdout, JsonSerializer.SerializeToUtf8Bytes(report), LineEnd.NewLine, false);
        return 0;
    }

    private static int Error(IToolOutput output, string line)
    {
        output.OnLine(LogStream.Stderr, Encoding.UTF8.GetBytes(line), LineEnd.NewLine, false);
        return 5;
    }

    /// <summary>The columns that a test may change; each as lvs prints it.</summary>
    internal sealed class Volume
    {
        public string Uuid { get; set; } = "";

        public required string Name { get; set; }

        public required string Attributes { get; set; }

        public required string Layout { get; init; }

        public required string Role { get; set; }

        public string Size { get; set; } = "314572800";

        public string Tags { get; set; } = "";

        public DateTimeOffset Time { get; set; } = TestRun.Instant.AddDays(-400);

        public string Merging { get; set; } = "";

        public string Invalid { get; set; } = "";

        public string Health { get; set; } = "";

        public string Pool { get; set; } = "";

        public string PoolUuid { get; set; } = "";

        public string Origin { get; set; } = "";

        public string OriginUuid { get; set; } = "";

        public string Data { get; set; } = "";

        public string Metadata { get; set; } = "";

        public Dictionary<string, string> Row() => new()
        {
            ["lv_uuid"] = Uuid,
            ["vg_name"] = "vg",
            ["lv_name"] = Name,
            ["lv_attr"] = Attributes,
            ["lv_size"] = Size,
            ["lv_tags"] = Tags,
            ["lv_time"] = Time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            ["lv_active"] = Attributes[4] == 'a' ? "active" : "",
            ["lv_skip_activation"] = Attributes[9] == 'k' ? "skip activation" : "",
            ["lv_layout"] = Layout,
            ["lv_role"] = Role,
            ["lv_health_status"] = Health,
            ["lv_merging"] = Merging,
            ["lv_merge_failed"] = "",
            ["lv_snapshot_invalid"] = Invalid,
            ["lv_when_full"] = Layout == "thin,pool" ? "queue" : "",
            ["pool_lv"] = Pool,
            ["pool_lv_uuid"] = PoolUuid,
            ["origin"] = Origin,
            ["origin_uuid"] = OriginUuid,
            ["data_percent"] = Data,
            ["metadata_percent"] = Metadata,
            ["lv_metadata_size"] = "",
            ["seg_monitor"] = "",
        };
    }
}
