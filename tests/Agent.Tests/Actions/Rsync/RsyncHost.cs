using Fleet.Agent.Actions.Rsync;
using Fleet.Agent.Actions.Rsync.Ownership;
using Fleet.Agent.Edge;

namespace Fleet.Agent.Tests.Actions.Rsync;

/// <summary>The action with a state of its own.</summary>
internal sealed class RsyncHost : IDisposable
{
    private readonly TemporaryFolder _state = new();
    private readonly PruneHost _clock = new();

    public RsyncHost()
    {
        Folders = new VersionFolders(_state.File("version-folders"));
        Action = new RsyncTransfer(_clock.RetentionClock, Folders, () => Assigned);
    }

    public RsyncTransfer Action { get; }

    public VersionFolders Folders { get; }

    /// <summary>The policies that the host has. None ever received: not known.</summary>
    public HostAssignment Assigned { get; set; } = HostAssignment.None;

    public bool IsClockSynchronised
    {
        set => _clock.IsSynchronised = value;
    }

    /// <summary>Time goes by, and the clock shows it.</summary>
    public void SetClock(DateTimeOffset now)
    {
        _clock.BootSeconds = 1000 + (now - TestRun.Instant).TotalSeconds;
        _clock.Clock.Advance(now - _clock.Clock.GetUtcNow());
    }

    public void Dispose()
    {
        _clock.Dispose();
        _state.Dispose();
    }
}
