using System.Text;
using Fleet.Agent.Actions;
using Fleet.Agent.Files;
using Fleet.Agent.Guard;
using Fleet.Agent.Tools;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Fleet.Schedules.Retention;
using Google.Protobuf;

namespace Fleet.Agent.Tests.Actions;

/// <summary>Contexts for real runs of actions.</summary>
internal static class TestRun
{
    public static readonly DateTimeOffset Instant = new(2026, 11, 20, 20, 55, 0, TimeSpan.Zero);

    public static IToolRunner Tools { get; } = new ToolRunner(TimeProvider.System);

    public static ActionContext For(
        Protocol.V1.Action action,
        IRunLog? log = null,
        DateTimeOffset? at = null,
        string? runId = null,
        int attempt = 1,
        long guardMaxDelete = long.MaxValue,
        TimeSpan? timeout = null,
        IToolRunner? tools = null,
        string policy = "nightly",
        RetentionGuard? guardVersions = null) => new()
        {
            RunId = RunId.Parse(runId ?? Guid.NewGuid().ToString("N")),
            Attempt = attempt,
            HostId = "7f0c6b3e-0000-4000-8000-000000000001",
            HostName = "test",
            FleetId = new string('f', 64),
            Policy = policy,
            Action = action,
            ScheduledAt = at ?? Instant,
            Timeout = timeout ?? TimeSpan.FromMinutes(2),
            Log = log ?? new RecordingLog(),
            Tools = tools ?? Tools,
            Guard = new GuardDecision
            {
                Allowed = true,
                Rule = "test",
                Message = "",
                MaxDelete = guardMaxDelete,
                Versions = guardVersions ?? RetentionGuard.None,
                Storage = Everything(action),
                Source = Opened(action.Rsync?.Source),
                Destination = Opened(action.Rsync?.Destination),
                WorkingFolders = action.Command is { WorkingDirectory.Length: > 1 } command
                    ? [(command.WorkingDirectory, GuardedPath.OfThisHost(Encoding.UTF8.GetBytes(command.WorkingDirectory)))]
                    : [],
            },
            Time = TimeProvider.System,
        };

    /// <summary>As a rule that names the root folder would.</summary>
    private static GuardedPath? Opened(RsyncEndpoint? endpoint) =>
        endpoint is not { RemoteCase: RsyncEndpoint.RemoteOneofCase.None } ? null
        : FileFacts.Canonical(endpoint.Path.Span, out _) is { } path ? GuardedPath.OfThisHost(path)
        : GuardedPath.Closed(endpoint.Path.ToByteArray(), "no path");

    /// <summary>What a guard file says that allows snapshots in the pools or groups that the action names.</summary>
    private static StorageRules Everything(Protocol.V1.Action action) =>
        new(
            "guard.yaml",
            action.LvmSnapshot is null ? "zfs" : "lvm",
            [
                .. (action.ZfsSnapshot?.Datasets ?? action.LvmSnapshot?.Volumes ?? [])
                    .Select(d => d.Split('/')[0])
                    .Distinct()
                    .Select(p => new StorageRule(p, ["snapshot"], 1, TimeSpan.Zero, "test")),
            ]);

    public static RsyncEndpoint Local(string path, string mount = "") =>
        new() { Path = ByteString.CopyFrom(Encoding.Latin1.GetBytes(path)), RequiredMount = ByteString.CopyFromUtf8(mount) };

    public static Protocol.V1.Action Rsync(RsyncMode mode, string source, string destination, Action<RsyncAction>? change = null)
    {
        var rsync = new RsyncAction { Mode = mode, Source = Local(source), Destination = Local(destination) };
        change?.Invoke(rsync);
        return new Protocol.V1.Action { Rsync = rsync };
    }
}
