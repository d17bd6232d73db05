using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Fleet.Agent.Metrics;
using Fleet.Agent.Metrics.Clock;
using Fleet.Agent.Metrics.Cpu;
using Fleet.Agent.Metrics.Disks;
using Fleet.Agent.Metrics.FileSystems;
using Fleet.Agent.Metrics.Load;
using Fleet.Agent.Metrics.Memory;
using Fleet.Agent.Metrics.Network;
using Fleet.Agent.Metrics.Own;
using Fleet.Agent.Metrics.Pressure;
using Fleet.Agent.Metrics.Processes;
using Fleet.Agent.Metrics.Temperatures;
using Fleet.Agent.Metrics.Uptime;
using Fleet.Protocol.V1;
using Fleet.Testing;

namespace Fleet.Agent.Tests.Metrics;

/// <summary>Collectors over /proc as a real host had it, and over files whose shape has changed.</summary>
public sealed partial class RecordedHostTests
{
    private readonly SeriesTable _table = new();

    private static HostPaths Recorded => new(Path.Join(Here(), "recorded/debian-12-kernel-6.18/proc"), "/no/such/sys", "/no/such/etc", "/no/such/run");

    [Fact]
    public async Task Cpu_RecordedHost_GivesEveryModeInSeconds()
    {
        var values = await CollectAsync(new CpuCollector(Recorded));
        var fields = Line("stat", "cpu ");

        Assert.Equal(8, values.Keys.Count(k => k.StartsWith("fleet_cpu_seconds_total", StringComparison.Ordinal)));
        Assert.Equal(fields[1] / 100, values["fleet_cpu_seconds_total{mode=user}"]);
        Assert.Equal(fields[8] / 100, values["fleet_cpu_seconds_total{mode=steal}"]);
        Assert.Equal(2, values["fleet_cpus"]);
        Assert.Equal(Line("stat", "ctxt ")[1], values["fleet_context_switches_total"]);
    }

    [Fact]
    public async Task Memory_RecordedHost_IsInBytes()
    {
        var values = await CollectAsync(new MemoryCollector(Recorded));

        Assert.Equal(Line("meminfo", "MemTotal:")[1] * 1024, values["fleet_memory_total_bytes"]);
        Assert.Equal(Line("meminfo", "MemAvailable:")[1] * 1024, values["fleet_memory_available_bytes"]);
        Assert.Equal(Line("vmstat", "pgmajfault ")[1], values["fleet_major_page_faults_total"]);
    }

    [Fact]
    public async Task LoadUptimeProcesses_RecordedHost_AreRead()
    {
        var load = await CollectAsync(new LoadCollector(Recorded));
        var uptime = await CollectAsync(new UptimeCollector(Recorded));
        var processes = await CollectAsync(new ProcessCollector(Recorded));

        Assert.Equal(First("loadavg"), load["fleet_load1"]);
        Assert.Equal(First("uptime"), uptime["fleet_uptime_seconds"]);
        Assert.Equal(Line("stat", "btime ")[1], uptime["fleet_boot_timestamp_seconds"]);
        Assert.Equal(Line("stat", "processes ")[1], processes["fleet_processes_started_total"]);
        Assert.True(processes["fleet_threads"] > 10);
    }

    [Fact]
    public async Task Disks_RecordedHost_CountSectorsOf512Bytes()
    {
        var values = await CollectAsync(new DiskCollector(Recorded));
        var fields = File.ReadAllLines(Recorded.Proc("diskstats")).Single(l => l.Contains(" vda ", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(double.Parse(fields[5], CultureInfo.InvariantCulture) * 512, values["fleet_disk_read_bytes_total{device=vda}"]);
        Assert.Equal(double.Parse(fields[7], CultureInfo.InvariantCulture), values["fleet_disk_writes_total{device=vda}"]);
        Assert.Equal(double.Parse(fields[12], CultureInfo.InvariantCulture) / 1000, values["fleet_disk_busy_seconds_total{device=vda}"]);
        Assert.DoesNotContain(values.Keys, k => k.Contains("loop", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Network_RecordedHost_LeavesOutLoopback()
    {
        var values = await CollectAsync(new NetworkCollector(Recorded));

        Assert.DoesNotContain(values.Keys, k => k.Contains("device=lo}", StringComparison.Ordinal));
    }

    [Fact]
    public void Network_TwoInterfaces_ColumnsAreNotMixedUp()
    {
        var writer = new MetricWriter(_table);
        NetworkCollector.Write(
            "h1\nh2\n    lo: 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9\n  eth0:1 2 3 4 5 6 7 8 18446744073709551615 10 11 12 13 14 15 16\nveth1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"u8, writer);
        var values = Named(writer);

        Assert.Equal(8, values.Count);
        Assert.Equal(
            [1, 2, 3, 4, 10, 11, 12],
            new[] { "received_bytes", "received_packets", "receive_errors", "receive_dropped", "sent_packets", "send_errors", "send_dropped" }
                .Select(n => values[$"fleet_network_{n}_total{{device=eth0}}"]));
    }

    [Fact]
    public async Task FileSystems_OneHangs_IsReportedAndOthersAreNot()
    {
        var time = new FakeTimeProvider();
        using var hang = new ManualResetEventSlim();
        using var hangs = new SemaphoreSlim(0);
        using var collector = new FileSystemCollector(Recorded, time, path =>
        {
            if (Encoding.UTF8.GetString(path).StartsWith("/mnt/dead disk", StringComparison.Ordinal))
            {
                hangs.Release();
                hang.Wait(TimeSpan.FromMinutes(1));
            }

            return new FileSystemUsage(100, 50, 40, 10, 5, ReadOnly: false, Error: 0);
        });
        var writer = new MetricWriter(_table);

        var first = collector.CollectAsync(writer, CancellationToken.None).AsTask();
        Assert.True(await hangs.WaitAsync(TimeSpan.FromSeconds(30)));
        await time.WaitForTimersAsync();
        time.Advance(FileSystemCollector.AnswerTimeout);
        await first;
        var values = Named(writer);
        const string Dead = "{device=nas:/export,mount=/mnt/dead disk,type=nfs4}";
        Assert.Equal(1, values["fleet_filesystem_hung" + Dead]);
        Assert.DoesNotContain("fleet_filesystem_size_bytes" + Dead, values.Keys);
        var root = values.Single(v => v.Key.StartsWith("fleet_filesystem_available_bytes", StringComparison.Ordinal) && v.Key.Contains("mount=/,", StringComparison.Ordinal));
        Assert.Equal(40, root.Value);

        writer.Clear();
        await collector.CollectAsync(writer, CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, Named(writer)["fleet_filesystem_hung" + Dead]);
        hang.Set();
    }

    [Fact]
    public async Task Temperatures_TwoChips_SleepingSensorIsLeftOut()
    {
        using var tree = new TemporarySys();
        tree.Write("class/hwmon/hwmon0/name", "coretemp\n");
        tree.Write("class/hwmon/hwmon0/temp1_input", "45500\n");
        tree.Write("class/hwmon/hwmon0/temp1_label", "Package id 0\n");
        tree.Write("class/hwmon/hwmon1/name", "nvme\n");
        tree.Write("class/hwmon/hwmon1/temp1_input", "-2000\n");
        tree.Write("class/hwmon/hwmon1/temp2_input", "");

        var values = await CollectAsync(new TemperatureCollector(Recorded with { SysRoot = tree.Root }, TimeProvider.System));

        Assert.Equal(2, values.Count);
        Assert.Equal(45.5, values["fleet_temperature_celsius{chip=coretemp/hwmon0,sensor=Package id 0}"]);
        Assert.Equal(-2, values["fleet_temperature_celsius{chip=nvme/hwmon1,sensor=temp1}"]);
    }

    [Fact]
    public void Pressure_SomeAndFull_AreSeconds()
    {
        var writer = new MetricWriter(_table);
        PressureCollector.Write(
            "io"u8, "some avg10=0.00 avg60=0.10 avg300=0.00 total=1500000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=20\n"u8, writer);

        var values = Named(writer);
        Assert.Equal(1.5, values["fleet_pressure_stalled_seconds_total{kind=some,resource=io}"]);
        Assert.Equal(0.00002, values["fleet_pressure_stalled_seconds_total{kind=full,resource=io}"], 1e-9);
    }

    [Fact]
    public void ChangedShape_AnyCollector_FailsAndDoesNotStaySilent()
    {
        var writer = new MetricWriter(_table);
        var load = Assert.Throws<FormatException>(() => LoadCollector.Write("0.1 high 0.2 1/2 3\n"u8, writer));
        Assert.Contains("high", load.Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => CpuCollector.Write("cpux 1 2 3\n"u8, writer));
        Assert.Throws<FormatException>(() => MemoryCollector.WriteMemory("MemTotal: 5 kB\n"u8, writer));
        Assert.Throws<FormatException>(() => ProcessCollector.WriteStat("processes 5\n"u8, writer));
        Assert.Throws<FormatException>(() => UptimeCollector.WriteBootTime("cpu 1\n"u8, writer));
        Assert.ThrowsAny<FormatException>(() => PressureCollector.Write("io"u8, "some avg10=0.00 total=x\n"u8, writer));
        Assert.ThrowsAny<FormatException>(() => new DiskCollector(Recorded).Write("8 0 sda 1 2 three 4 5 6 7 8 9 10 11\n"u8, writer));
    }

    [Fact]
    public async Task Documentation_EveryMetric_HasALine()
    {
        var documented = File.ReadAllText(Path.Join(Here(), "../../../docs/metrics.md"));
        ICollector[] collectors =
        [
            new CpuCollector(Recorded), new LoadCollector(Recorded), new MemoryCollector(Recorded), new PressureCollector(Recorded), new DiskCollector(Recorded),
            new NetworkCollector(Recorded), new UptimeCollector(Recorded), new ProcessCollector(Recorded), new ClockCollector(), new OwnCollector(Recorded),
        ];
        var names = new HashSet<string>();
        foreach (var collector in collectors)
        {
            names.UnionWith((await CollectAsync(collector)).Keys.Select(k => k.Split('{')[0]));
        }

        Assert.True(names.Count > 25, string.Join(' ', names));
        Assert.All(names, n => Assert.True(IsDocumented(documented, n), $"{n} has no line in docs/metrics.md"));
    }

    // "`fleet_memory_total_bytes`, `_free_bytes`": the second is short for fleet_memory_free_bytes.
    private static bool IsDocumented(string text, string name) =>
        text.Contains($"`{name}`", StringComparison.Ordinal)
        || ShortName().Matches(text).Any(m => name.EndsWith(m.Groups[1].Value, StringComparison.Ordinal));

    [GeneratedRegex("`(_[a-z_]+)`")]
    private static partial Regex ShortName();

    private static double[] Line(string file, string prefix) =>
        [.. File.ReadAllLines(Recorded.Proc(file)).Single(l => l.StartsWith(prefix, StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(w => double.TryParse(w, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : double.NaN)];

    private static double First(string file) => double.Parse(File.ReadAllText(Recorded.Proc(file)).Split(' ')[0], CultureInfo.InvariantCulture);

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;

    private async Task<Dictionary<string, double>> CollectAsync(ICollector collector)
    {
        using var disposable = collector as IDisposable;
        var writer = new MetricWriter(_table);
        await collector.CollectAsync(writer, CancellationToken.None);
        return Named(writer);
    }

    private Dictionary<string, double> Named(MetricWriter writer)
    {
        var values = new Dictionary<string, double>();
        for (var i = 0; i < writer.Numbers.Length; i++)
        {
            MetricSeries series = _table[writer.Numbers[i]];
            var labels = string.Join(',', series.Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}"));
            values[labels.Length > 0 ? $"{series.Name}{{{labels}}}" : series.Name] = writer.Values[i];
        }

        return values;
    }

    private sealed class TemporarySys : IDisposable
    {
        public string Root { get; } = Directory.CreateTempSubdirectory("fleet-sys-").FullName;

        public void Write(string relative, string content)
        {
            var path = Path.Join(Root, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, content);
        }

        public void Dispose() => Directory.Delete(Root, recursive: true);
    }
}
