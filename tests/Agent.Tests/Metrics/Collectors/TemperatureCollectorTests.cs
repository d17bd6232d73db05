using Fleet.Agent.Metrics.Collectors;
using Fleet.Testing;

namespace Fleet.Agent.Tests.Metrics.Collectors;

public sealed class TemperatureCollectorTests : IDisposable
{
    private readonly string _sys = Directory.CreateTempSubdirectory("fleet-hwmon-").FullName;
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => Directory.Delete(_sys, recursive: true);

    [Fact]
    public async Task Collect_SeveralChips_CelsiusByDeviceAndLabel()
    {
        Chip("hwmon0", "coretemp", "coretemp.0", ("temp1_input", "47000"), ("temp1_label", "Package id 0"), ("temp2_input", "-1500"));
        Chip("hwmon1", "nvme", "nvme0", ("temp1_input", "38850"), ("temp1_label", "Composite"));
        Chip("hwmon2", "nvme", "nvme1", ("temp1_input", "39850"), ("temp1_label", "Composite"), ("fan1_input", "1200"));
        Chip("hwmon3", "acpitz", null, ("temp1_input", "20000"), ("temp2_input", ""));
        using var collector = Collector();
        var got = await new Gathered().CollectAsync(collector);
        Assert.Equal(
            new Dictionary<string, double>
            {
                ["fleet_temperature_celsius{chip=coretemp/coretemp.0,sensor=Package id 0}"] = 47,
                ["fleet_temperature_celsius{chip=coretemp/coretemp.0,sensor=temp2}"] = -1.5,
                ["fleet_temperature_celsius{chip=nvme/nvme0,sensor=Composite}"] = 38.85,
                ["fleet_temperature_celsius{chip=nvme/nvme1,sensor=Composite}"] = 39.85,
                ["fleet_temperature_celsius{chip=acpitz/hwmon3,sensor=temp1}"] = 20,
            },
            got.Values);
    }

    [Fact]
    public async Task Collect_SameNamesTwice_StayApart()
    {
        Chip("hwmon0", "x", "dev0", ("temp1_input", "1000"), ("temp1_label", "A"), ("temp2_input", "2000"), ("temp2_label", "A"));
        Chip("hwmon1", "x", "dev0", ("temp1_input", "3000"));
        using var collector = Collector();
        var got = await new Gathered().CollectAsync(collector);
        Assert.Equal([1d, 2d, 3d], got.Values.Values);
    }

    [Fact]
    public async Task Collect_SensorThatComes_IsFoundAfterAWhile()
    {
        using var collector = Collector();
        var got = new Gathered();
        Assert.Empty((await got.CollectAsync(collector)).Names);
        Chip("hwmon0", "drivetemp", "0:0:0:0", ("temp1_input", "30000"));
        Assert.Empty((await got.CollectAsync(collector)).Names);
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(30, (await got.CollectAsync(collector))["fleet_temperature_celsius{chip=drivetemp/0:0:0:0,sensor=temp1}"]);
    }

    [Fact]
    public async Task Collect_SensorThatDoesNotAnswer_HoldsNobodyElse()
    {
        Chip("hwmon0", "x", "dev0", ("temp1_input", "1000"));
        var input = Path.Join(_sys, "class/hwmon/hwmon1/temp1_input");
        Chip("hwmon1", "y", "dev1", ("temp1_input", ""));
        File.Delete(input);
        using (var make = System.Diagnostics.Process.Start("mkfifo", input))
        {
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        // Opening it waits for somebody who writes, as a driver waits for its device.
        using var collector = Collector();
        var got = new Gathered();
        var round = got.CollectAsync(collector);
        Assert.False(round.IsCompleted);
        await using (new FileStream(input, FileMode.Open, FileAccess.Write))
        {
            // A pipe has no offset to read at: that sensor fails, and what was read before it counts.
            await Assert.ThrowsAsync<NotSupportedException>(() =>
                round.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
            Assert.Equal(1, got["fleet_temperature_celsius{chip=x/dev0,sensor=temp1}"]);
        }
    }

    [Fact]
    public async Task Collect_NotANumber_FailureNamesTheLine()
    {
        Chip("hwmon0", "x", "dev0", ("temp1_input", "warm"));
        using var collector = Collector();
        var failure = await Assert.ThrowsAsync<FormatException>(() => new Gathered().CollectAsync(collector));
        Assert.Contains("warm", failure.Message, StringComparison.Ordinal);
    }

    private TemperatureCollector Collector() => new(Recorded.Plain with { SysRoot = _sys }, _time);

    private void Chip(string number, string name, string? device, params (string File, string Text)[] files)
    {
        var folder = Directory.CreateDirectory(Path.Join(_sys, "class/hwmon", number)).FullName;
        File.WriteAllText(Path.Join(folder, "name"), name + "\n");
        if (device is not null)
        {
            File.CreateSymbolicLink(Path.Join(folder, "device"), "../../../devices/" + device);
        }

        foreach (var (file, text) in files)
        {
            File.WriteAllText(Path.Join(folder, file), text + "\n");
        }
    }
}
