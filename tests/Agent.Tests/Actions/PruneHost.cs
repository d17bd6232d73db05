using Fleet.Agent.Host;
using Fleet.Agent.Retention;
using Fleet.Protocol.V1;
using Fleet.Testing;

namespace Fleet.Agent.Tests.Actions;

/// <summary>A host on which something is pruned: its clock, and the policies that it was assigned.</summary>
internal sealed class PruneHost : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PruneHost()
    {
        Directory.CreateDirectory(_folder.File("sys/kernel/random"));
        _folder.Write("sys/kernel/random/boot_id", "boot\n");
        BootSeconds = 1000;
        RetentionClock = new RetentionClock(
            new ClockMemoryFile(_folder.File("clock.json")), new HostPaths(ProcRoot: _folder.Path), Clock, () => IsSynchronised);
    }

    public FakeTimeProvider Clock { get; } = new(TestRun.Instant);

    public bool IsSynchronised { get; set; } = true;

    public double BootSeconds
    {
        set => _folder.Write("uptime", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value:0.00} 0.00\n"));
    }

    public RetentionClock RetentionClock { get; }

    /// <summary>What clock.json holds.</summary>
    public void Remember(string memory) => _folder.Write("clock.json", memory);

    public Assignment Assignment { get; } = new();

    public void Dispose() => _folder.Dispose();
}
