using System.Text;
using Fleet.Agent.Metrics.Collectors;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Fleet.Testing;

namespace Fleet.Agent.Tests.Metrics.Collectors;

public sealed class SystemdCollectorTests : IDisposable
{
    private readonly string _run = Directory.CreateTempSubdirectory("fleet-systemd-").FullName;
    private readonly FakeTimeProvider _time = new();
    private readonly RecordedSystemctl _systemctl = new();

    public void Dispose() => Directory.Delete(_run, recursive: true);

    [Fact]
    public void UnitStates_RecordedFromSystemd252_StatesFailuresAndRestarts()
    {
        var states = RecordedSystemctl.Read(Recorded.File("systemctl-252-show.txt"));
        Assert.Equal(["ssh.service"], states.Failed);
        Assert.Equal(new KeyValuePair<string, long>("ssh.service", 5), Assert.Single(states.Restarts));
        Assert.Equal(1, states.UnitsByState["failed"]);
        Assert.Equal(28, states.UnitsByState.Values.Sum());
    }

    [Fact]
    public void UnitStates_UnknownKeysStderrAndOddLines_ArePassedOver()
    {
        var states = new UnitStates();
        foreach (var line in (string[])["Id=a=b.service", "New=1", "no equals sign", "NRestarts=many", "ActiveState=failed"])
        {
            states.OnLine(LogStream.Stdout, Encoding.UTF8.GetBytes(line), LineEnd.NewLine, truncated: false);
        }

        states.OnLine(LogStream.Stderr, "Id=c.service"u8, LineEnd.NewLine, truncated: false);
        states.EndOfBlock();
        states.EndOfBlock();
        Assert.Equal(["a=b.service"], states.Failed);
        Assert.Empty(states.Restarts);
    }

    [Fact]
    public async Task Collect_NoSystemd_NothingAndNoProcess()
    {
        Assert.Empty((await Gathered.FromAsync(Collector())).Names);
        Assert.Equal(0, _systemctl.Calls);
    }

    [Fact]
    public async Task Collect_Booted_AsksOnceAMinuteAndAFailureEndsAsZero()
    {
        Directory.CreateDirectory(Path.Join(_run, "systemd/system"));
        var collector = Collector();
        var got = await new Gathered().CollectAsync(collector);
        Assert.Equal(1, got["fleet_systemd_unit_failed{unit=ssh.service}"]);
        Assert.Equal(5, got["fleet_systemd_unit_restarts_total{unit=ssh.service}"]);
        Assert.Equal(1, got["fleet_systemd_units{state=failed}"]);

        _systemctl.Text = _systemctl.Text.Replace("ActiveState=failed", "ActiveState=active", StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(1, (await got.CollectAsync(collector))["fleet_systemd_unit_failed{unit=ssh.service}"]);
        Assert.Equal(1, _systemctl.Calls);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, (await got.CollectAsync(collector))["fleet_systemd_unit_failed{unit=ssh.service}"]);
        Assert.Equal(2, _systemctl.Calls);
    }

    [Fact]
    public async Task Collect_ToolFails_IsAFailure()
    {
        Directory.CreateDirectory(Path.Join(_run, "systemd/system"));
        _systemctl.ExitCode = 1;
        var failure = await Assert.ThrowsAsync<IOException>(() => Gathered.FromAsync(Collector()));
        Assert.Contains("exit code 1", failure.Message, StringComparison.Ordinal);
    }

    private SystemdCollector Collector() => new(Recorded.Plain with { RunRoot = _run }, _systemctl, _time);
}
