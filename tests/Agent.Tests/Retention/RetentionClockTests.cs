using System.Globalization;
using Fleet.Agent.Host;
using Fleet.Agent.Retention;
using Fleet.Testing;

namespace Fleet.Agent.Tests.Retention;

public sealed class RetentionClockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private bool _isSynchronised = true;

    public RetentionClockTests()
    {
        Directory.CreateDirectory(_folder.File("sys/kernel/random"));
        Machine("one", 100);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Check_Jump_IsSeenByTheNextAgentToo()
    {
        Assert.Null(New().Check(remember: true).Refusal);
        _time.Advance(TimeSpan.FromHours(2));
        Machine("one", 160);

        Assert.StartsWith("jumped by +1h59m", New().Check(remember: true).Refusal, StringComparison.Ordinal);
        Assert.StartsWith("jumped", New().Check(remember: true).Refusal, StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromHours(25));
        Machine("one", 160 + (25 * 3600));
        Assert.Null(New().Check(remember: true).Refusal);
    }

    [Fact]
    public void Check_OnlyALook_RemembersNothing()
    {
        New().Check(remember: false);

        Assert.False(File.Exists(_folder.File("clock.json")));
    }

    [Fact]
    public void Check_NotSynchronised_IsRefusedAndNothingIsLearned()
    {
        _isSynchronised = false;

        Assert.Equal("not synchronised", New().Check(remember: true).Refusal);
        Assert.False(File.Exists(_folder.File("clock.json")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"trusted\": {\"wall\": \"yesterday\"}}")]
    [InlineData("[]")]
    [InlineData("{\"trusted\": {\"wall\": \"2026-01-01T00:00:00Z\", \"since_boot_seconds\": 1e300, \"boot_id\": \"\"}}")]
    public void Check_MemoryIsDamaged_IsNotTakenForAFirstPass(string content)
    {
        _folder.Write("clock.json", content);

        Assert.Throws<IOException>(() => New().Check(remember: true));
    }

    [Fact]
    public void KernelClock_OfThisMachine_Answers() => Assert.True(Fleet.Agent.Host.KernelClock.Read().MaxErrorSeconds >= 0);

    private RetentionClock New() =>
        new(new ClockMemoryFile(_folder.File("clock.json")), new HostPaths(ProcRoot: _folder.Path), _time, () => _isSynchronised);

    private void Machine(string bootId, double uptimeSeconds)
    {
        _folder.Write("sys/kernel/random/boot_id", $"{bootId}\n");
        _folder.Write("uptime", string.Create(CultureInfo.InvariantCulture, $"{uptimeSeconds:0.00} 12.00\n"));
    }
}
