using Fleet.Agent.Metrics.Collectors;

namespace Fleet.Agent.Tests.Metrics.Collectors;

/// <summary>Values of the files in recorded/, worked out by hand from the kernel's documentation.</summary>
public class RecordedTreeTests
{
    [Fact]
    public async Task Cpu_Recorded_SecondsPerModeWithoutGuest()
    {
        var got = await Gathered.FromAsync(new CpuCollector(Recorded.Plain));
        Assert.Equal(7436.53, got["fleet_cpu_seconds_total{mode=user}"], 6);
        Assert.Equal(0.31, got["fleet_cpu_seconds_total{mode=nice}"], 6);
        Assert.Equal(920.97, got["fleet_cpu_seconds_total{mode=system}"], 6);
        Assert.Equal(5221.51, got["fleet_cpu_seconds_total{mode=idle}"], 6);
        Assert.Equal(23.37, got["fleet_cpu_seconds_total{mode=iowait}"], 6);
        Assert.Equal(5.91, got["fleet_cpu_seconds_total{mode=steal}"], 6);
        Assert.Equal(2, got["fleet_cpus"]);
        Assert.Equal(6265595, got["fleet_interrupts_total"]);
        Assert.DoesNotContain(got.Names, n => n.Contains("guest", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Load_Recorded_ThreeAverages()
    {
        var got = await Gathered.FromAsync(new LoadCollector(Recorded.Plain));
        Assert.Equal((28.31, 27.70, 25.95), (got["fleet_load1"], got["fleet_load5"], got["fleet_load15"]));
    }

    [Fact]
    public async Task Memory_Recorded_Bytes()
    {
        var got = await Gathered.FromAsync(new MemoryCollector(Recorded.Plain));
        Assert.Equal(24684092L * 1024, got["fleet_memory_total_bytes"]);
        Assert.Equal(21810604L * 1024, got["fleet_memory_available_bytes"]);
        Assert.Equal(145280L * 1024, got["fleet_memory_dirty_bytes"]);
        Assert.Equal(0, got["fleet_swap_total_bytes"]);
        Assert.Equal(61237, got["fleet_major_page_faults_total"]);
        Assert.Equal(0, got["fleet_out_of_memory_kills_total"]);
    }

    [Fact]
    public void Memory_SwappedPages_CountAsBytes()
    {
        var got = new Gathered();
        MemoryCollector.WritePaging("pswpin 3\npswpout 5\n"u8, got.Writer);
        Assert.Equal(3d * Environment.SystemPageSize, got["fleet_swap_in_bytes_total"]);
        Assert.Equal(5d * Environment.SystemPageSize, got["fleet_swap_out_bytes_total"]);
    }

    [Fact]
    public async Task Pressure_Recorded_SecondsFromMicroseconds()
    {
        using var collector = new PressureCollector(Recorded.Plain);
        var got = await Gathered.FromAsync(collector);
        Assert.Equal(3420.953347, got["fleet_pressure_stalled_seconds_total{kind=some,resource=cpu}"], 9);
        Assert.Equal(16.286202, got["fleet_pressure_stalled_seconds_total{kind=full,resource=io}"], 9);
        Assert.Equal(6, got.Names.Count);
    }

    [Fact]
    public async Task Pressure_KernelWithoutIt_NothingAndNoFailure() =>
        Assert.Empty((await Gathered.FromAsync(new PressureCollector(Recorded.Storage))).Names);

    [Fact]
    public async Task Disks_PlainMachine_TheOneThatWorks()
    {
        var got = await Gathered.FromAsync(new DiskCollector(Recorded.Plain));
        Assert.Equal(["vda"], Devices(got));
    }

    [Fact]
    public async Task Disks_SeveralWithPartitions_WholeOnesOnly()
    {
        var got = await Gathered.FromAsync(new DiskCollector(Recorded.Storage));
        Assert.Equal(["cciss/c0d0", "dm-0", "md0", "nvme0n1", "sda", "sdb"], Devices(got));
        Assert.Equal(957516, got["fleet_disk_reads_total{device=sda}"]);
        Assert.Equal(41070906d * 512, got["fleet_disk_read_bytes_total{device=sda}"]);
        Assert.Equal(846.752, got["fleet_disk_read_seconds_total{device=sda}"], 9);
        Assert.Equal(250669, got["fleet_disk_writes_total{device=sda}"]);
        Assert.Equal(21604608d * 512, got["fleet_disk_written_bytes_total{device=sda}"]);
        Assert.Equal(88.021, got["fleet_disk_write_seconds_total{device=sda}"], 9);
        Assert.Equal(93.968, got["fleet_disk_busy_seconds_total{device=sda}"], 9);
        Assert.Equal(960.723, got["fleet_disk_weighted_busy_seconds_total{device=sda}"], 9);
    }

    [Fact]
    public void Disks_NumberThatMeansAnotherDiskNow_IsLookedAtAnew()
    {
        using var collector = new DiskCollector(Recorded.Storage);
        var got = new Gathered();
        collector.Write(" 259 1 nvme0n1p1 1 0 0 0 0 0 0 0 0 0 0\n"u8, got.Writer);
        Assert.Empty(got.Names);
        collector.Write(" 259 1 nvme1n1 1 0 0 0 0 0 0 0 0 0 0\n"u8, got.Writer);
        Assert.Equal(["nvme1n1"], Devices(got));
    }

    [Fact]
    public async Task Network_Recorded_WithoutLoopback()
    {
        var got = await Gathered.FromAsync(new NetworkCollector(Recorded.Plain));
        Assert.Equal(["eth0", "ifb0", "ifb1"], Devices(got));
        Assert.Equal(0, got["fleet_network_receive_errors_total{device=eth0}"]);
    }

    [Fact]
    public void Network_ColumnsAndOldKernelsWithoutBlank_AreRight()
    {
        var got = new Gathered();
        NetworkCollector.Write(
            "Inter-|\n face |\neth0:18446744073709551615 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\nveth1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"u8, got.Writer);
        Assert.Equal(
            [
                ("fleet_network_received_bytes_total", 18446744073709551615d), ("fleet_network_received_packets_total", 2),
                ("fleet_network_receive_errors_total", 3), ("fleet_network_receive_dropped_total", 4),
                ("fleet_network_sent_bytes_total", 9), ("fleet_network_sent_packets_total", 10),
                ("fleet_network_send_errors_total", 11), ("fleet_network_send_dropped_total", 12),
            ],
            got.Values.Select(v => (v.Key.Replace("{device=eth0}", "", StringComparison.Ordinal), v.Value)));
    }

    [Fact]
    public async Task Uptime_Recorded_SecondsAndBoot()
    {
        var got = await Gathered.FromAsync(new UptimeCollector(Recorded.Plain));
        Assert.Equal(6831.16, got["fleet_uptime_seconds"]);
        Assert.InRange(got["fleet_boot_timestamp_seconds"], 1.6e9, 4e9);
    }

    [Fact]
    public async Task Processes_Recorded_CountsAndThreads()
    {
        var got = await Gathered.FromAsync(new ProcessCollector(Recorded.Plain));
        Assert.Equal(367, got["fleet_threads"]);
        Assert.Equal(
            ["fleet_processes_blocked", "fleet_processes_running", "fleet_processes_started_total", "fleet_threads"],
            got.Names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Own_Recorded_ResidentPagesAsBytes() =>
        Assert.Equal(
            440d * Environment.SystemPageSize,
            (await Gathered.FromAsync(new OwnCollector(Recorded.Plain)))["fleet_agent_resident_bytes"]);

    private static IEnumerable<string> Devices(Gathered got) =>
        got.Series.Select(s => s.Labels["device"]).Distinct().Order(StringComparer.Ordinal);
}
