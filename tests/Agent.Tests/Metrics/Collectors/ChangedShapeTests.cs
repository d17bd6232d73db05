using System.Text;
using Fleet.Agent.Host;
using Fleet.Agent.Metrics;
using Fleet.Agent.Metrics.Collectors;

namespace Fleet.Agent.Tests.Metrics.Collectors;

/// <summary>
/// A file that looks different from what the collector knows is a failure that names the line, never a wrong or a missing value.
/// </summary>
public class ChangedShapeTests
{
    [Theory]
    [InlineData("cpu", "cpu  1 2 3 4 five 6 7 8\n", "cpu  1 2 3 4 five 6 7 8")]
    [InlineData("cpu", "cpu  1 2 3\n", "cpu  1 2 3")]
    [InlineData("cpu", "cpu  1 2 3 4 5 6 7 -8\n", "-8")]
    [InlineData("cpu", "cpus 1 2\n", "\"cpu \"")]
    [InlineData("load", "0.1 0,2 0.3 1/2 3\n", "0.1 0,2 0.3")]
    [InlineData("load", "", "")]
    [InlineData("memory", "MemTotal: 12 MB\nMemFree: 1 kB\nCached: 1 kB\n", "MemTotal: 12 MB")]
    [InlineData("memory", "MemTotal: 12k kB\n", "MemTotal: 12k kB")]
    [InlineData("memory", "Total: 1 kB\n", "/proc/meminfo")]
    [InlineData("paging", "oom_kill\n", "oom_kill")]
    [InlineData("pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 sum=5\n", "sum=5")]
    [InlineData("pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=5us\n", "total=5us")]
    [InlineData("pressure", "", "empty")]
    [InlineData("disks", " 8 0 sda 1 2 3\n", " 8 0 sda 1 2 3")]
    [InlineData("disks", " 8:0 sda 1 2 3 4 5 6 7 8 9 10 11\n", "8:0 sda")]
    [InlineData("network", "a\nb\n eth0: 1 2 3\n", "eth0: 1 2 3")]
    [InlineData("network", "a\nb\n eth0 1 2 3\n", "eth0 1 2 3")]
    [InlineData("network", "a\nb\n", "no interface")]
    [InlineData("uptime", "soon\n", "soon")]
    [InlineData("boot", "cpu 1\n", "btime")]
    [InlineData("boot", "btime yesterday\n", "btime yesterday")]
    [InlineData("processes", "processes 1\nprocs_running 2\n", "procs_blocked")]
    [InlineData("threads", "0.1 0.2 0.3 4 5\n", "0.1 0.2 0.3 4 5")]
    [InlineData("threads", "0.1 0.2 0.3 4/x 5\n", "4/x")]
    [InlineData("mounts", "36 35 98:0 /root\n", "36 35 98:0 /root")]
    [InlineData("mounts", "x 35 98:0 / /m rw - ext4 /dev/a rw\n", "x 35 98:0")]
    public void Collect_ChangedShape_FailureNamesTheLine(string what, string text, string named)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var failure = Assert.Throws<FormatException>(() => Write(what, bytes, new Gathered().Writer));
        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Failure_LineWithControlCharacters_IsSafeToPrint()
    {
        var failure = Assert.Throws<FormatException>(() => LoadCollector.Write("\u001b[31mred"u8, new Gathered().Writer));
        Assert.Contains("\\x1b[31mred", failure.Message, StringComparison.Ordinal);
    }

    private static void Write(string what, byte[] text, MetricWriter writer)
    {
        switch (what)
        {
            case "cpu": CpuCollector.Write(text, writer); break;
            case "load": LoadCollector.Write(text, writer); break;
            case "memory": MemoryCollector.WriteMemory(text, writer); break;
            case "paging": MemoryCollector.WritePaging(text, writer); break;
            case "pressure": PressureCollector.Write("cpu"u8, text, writer); break;
            case "disks":
                using (var disks = new DiskCollector(Recorded.Storage))
                {
                    disks.Write(text, writer);
                }

                break;
            case "network": NetworkCollector.Write(text, writer); break;
            case "uptime": UptimeCollector.WriteUptime(text, writer); break;
            case "boot": UptimeCollector.WriteBootTime(text, writer); break;
            case "processes": ProcessCollector.WriteStat(text, writer); break;
            case "threads": ProcessCollector.WriteThreads(text, writer); break;
            case "mounts": MountTable.Parse(text); break;
            default: throw new ArgumentOutOfRangeException(nameof(what));
        }
    }
}
