using Fleet.Protocol.V1;
using Fleet.Testing;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Cli.Tests.Scripted;

/// <summary>A small fleet at a fixed instant, with hostile names in it.</summary>
internal static class Fleets
{
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 20, 0, 0, TimeSpan.Zero);

    public static FakeTimeProvider Clock() => new(Now);

    public static Timestamp At(string before) =>
        Timestamp.FromDateTimeOffset(Now - (Yaml.DurationText.TryParse(before, out var age) ? age : throw new ArgumentException(before)));

    public static Timestamp In(string after) =>
        Timestamp.FromDateTimeOffset(Now + (Yaml.DurationText.TryParse(after, out var span) ? span : throw new ArgumentException(after)));

    public static Host Web1 => new()
    {
        HostId = "0d9f8c1e-0000-4000-8000-000000000001",
        Name = "web1",
        State = HostState.Online,
        Labels = { ["role"] = "web", ["site"] = "berlin" },
        EnrolledAt = At("30d"),
        LastSeenAt = At("1s"),
        ConnectedAt = At("2d3h"),
        AgentVersion = "0.1.0",
        Facts = new HostFacts
        {
            OperatingSystem = "Debian GNU/Linux 12 (bookworm)",
            Kernel = "6.1.0-28-amd64",
            Architecture = "x86_64",
            Cpus = 4,
            MemoryBytes = 8L << 30,
            Virtualization = "kvm",
        },
        Tools = { new Tool { Name = "rsync", Version = "3.2.7", Path = "/usr/bin/rsync" } },
        Address = "192.0.2.17",
        CertificateExpiresAt = In("60d"),
        ClockOffset = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(12)),
        RunsRunning = 1,
        AllowedActions = { "rsync" },
    };

    public static Host Nas => new()
    {
        HostId = "0d9f8c1e-0000-4000-8000-000000000002",
        Name = "nas",
        State = HostState.Offline,
        LastSeenAt = At("3h"),
        AgentVersion = "0.1.0",
        Facts = new HostFacts { OperatingSystem = "evil\u001b[2J[red]OS[/]\n" },
        RunsQueued = 2,
    };

    public static Policy Nightly => new()
    {
        Spec = new PolicySpec
        {
            Name = "nightly-home",
            Description = "Home directories to the backup disk",
            Target = new PolicyTarget { Hosts = { "web1" }, MatchLabels = { ["role"] = "nas" } },
            Schedule = new Schedule { Every = Duration.FromTimeSpan(TimeSpan.FromHours(24)) },
            Timeout = Duration.FromTimeSpan(TimeSpan.FromHours(6)),
            Freshness = Duration.FromTimeSpan(TimeSpan.FromDays(2)),
            Retry = new RetryPolicy { MaxAttempts = 3 },
            Action = new Fleet.Protocol.V1.Action
            {
                Rsync = new RsyncAction
                {
                    Source = new RsyncEndpoint { Path = Google.Protobuf.ByteString.CopyFromUtf8("/home") },
                    Destination = new RsyncEndpoint
                    {
                        Path = Google.Protobuf.ByteString.CopyFrom([.. "/backup/"u8, 0xFF]),
                        RequiredMount = Google.Protobuf.ByteString.CopyFromUtf8("/backup"),
                    },
                    Mode = RsyncMode.Mirror,
                    Excludes = { "*.tmp" },
                    BandwidthLimitBytesPerSecond = 10 << 20,
                },
            },
        },
        Revision = 4,
        UpdatedAt = At("5d"),
        UpdatedBy = "anna",
        Hosts =
        {
            new PolicyHostState
            {
                HostId = Web1.HostId,
                HostName = "web1",
                State = ProtectionState.Ok,
                LastSuccessAt = At("8h"),
                NextAt = In("16h"),
                Since = At("9d"),
                LastRunId = "3f9c2a81d0b4e5f60718293a4b5c6d7e",
            },
            new PolicyHostState
            {
                HostId = Nas.HostId,
                HostName = "nas",
                State = ProtectionState.Failing,
                LastSuccessAt = At("3d"),
                NextAt = In("16h"),
                Since = At("2d"),
                LastRunId = "a0b1c2d3e4f5061728394a5b6c7d8e9f",
            },
        },
    };

    public static Run Running => new()
    {
        RunId = "3f9c2a81d0b4e5f60718293a4b5c6d7e",
        Policy = "nightly-home",
        PolicyRevision = 4,
        HostId = Web1.HostId,
        HostName = "web1",
        State = RunState.Running,
        Trigger = RunTrigger.Manual,
        RequestedBy = "anna",
        ScheduledAt = At("2m"),
        QueuedAt = At("2m"),
        StartedAt = At("1m30s"),
        Attempt = 1,
        Progress = new RunProgress
        {
            BytesDone = 1 << 30,
            Percent = 42.9,
            BytesPerSecond = 12 << 20,
            FilesDone = 1200,
            FilesTotal = 5000,
            Eta = Duration.FromTimeSpan(TimeSpan.FromSeconds(95)),
        },
    };

    public static Run Succeeded => Finished("3f9c2a81d0b4e5f60718293a4b5c6d7e", "web1", RunState.Succeeded, new ActionResult
    {
        Outcome = ActionOutcome.Succeeded,
        ExitCode = 0,
        Message = "done",
        Duration = Duration.FromTimeSpan(TimeSpan.FromSeconds(95)),
        Rsync = new RsyncStatistics
        {
            Files = 5000,
            FilesTransferred = 12,
            FilesCreated = 3,
            FilesDeleted = 1,
            TotalBytes = 5L << 30,
            TransferredBytes = 3 << 20,
            SentBytes = 3 << 20,
            ReceivedBytes = 1234,
        },
    });

    public static Run Failed => Finished("a0b1c2d3e4f5061728394a5b6c7d8e9f", "nas", RunState.Failed, new ActionResult
    {
        Outcome = ActionOutcome.Failed,
        ExitCode = 23,
        Message = "2 files could not be read",
        Details = { "/home/x\n/y: Permission denied", "/home/\u001b]0;z\u0007: Input/output error" },
        DetailsTotal = 5,
        Duration = Duration.FromTimeSpan(TimeSpan.FromSeconds(4)),
        LogTail =
        {
            new LogLine { Number = 1, Stream = LogStream.Agent, Text = "rsync started", Attempt = 1 },
            new LogLine { Number = 2, Stream = LogStream.Stderr, Text = "rsync: \u001b[31mPermission denied", Attempt = 1 },
        },
    });

    /// <summary>A dry run that would delete 25 entries.</summary>
    public static Run Dry
    {
        get
        {
            var run = Finished(
                "5f9c2a81d0b4e5f60718293a4b5c6d7e",
                "web1",
                RunState.Succeeded,
                new ActionResult
                {
                    Outcome = ActionOutcome.Succeeded,
                    Message = "dry run: 2 entries would be written and 25 deleted",
                    Duration = Duration.FromTimeSpan(TimeSpan.FromSeconds(3)),
                    Rsync = new RsyncStatistics
                    {
                        Files = 5000,
                        FilesTransferred = 2,
                        FilesDeleted = 25,
                    },
                    RsyncPlan = new RsyncPlan
                    {
                        WouldWrite = 2,
                        WouldDelete = 25,
                        Deletions =
                        {
                            Enumerable
                                .Range(0, 25)
                                .Select(i =>
                                    Google.Protobuf.ByteString.CopyFrom([
                                        .. "gone/"u8,
                                        0xFF,
                                        .. System.Text.Encoding.ASCII.GetBytes($"{i:D2}"),
                                    ])),
                        },
                    },
                });
            run.Action.Rsync.DryRun = true;
            return run;
        }
    }

    private static Run Finished(string id, string host, RunState state, ActionResult result) => new()
    {
        RunId = id,
        Policy = "nightly-home",
        PolicyRevision = 4,
        HostName = host,
        State = state,
        Trigger = RunTrigger.Schedule,
        ScheduledAt = At("2h"),
        StartedAt = At("2h"),
        FinishedAt = At("1h58m25s"),
        Attempt = 1,
        Action = Nightly.Spec.Action,
        Result = result,
    };
}
