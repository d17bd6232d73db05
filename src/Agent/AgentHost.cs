using Fleet.Agent.Actions;
using Fleet.Agent.Actions.Lvm;
using Fleet.Agent.Actions.Rsync.Ownership;
using Fleet.Agent.AgentStatus;
using Fleet.Agent.Configuration;
using Fleet.Agent.Connection;
using Fleet.Agent.Enrolment;
using Fleet.Agent.Guard;
using Fleet.Agent.History;
using Fleet.Agent.Host;
using Fleet.Agent.Inventory;
using Fleet.Agent.Journal;
using Fleet.Agent.LocalSchedule;
using Fleet.Agent.LocalSocket;
using Fleet.Agent.Logging;
using Fleet.Agent.Lvm;
using Fleet.Agent.Metrics;
using Fleet.Agent.Outbox;
using Fleet.Agent.Retention;
using Fleet.Agent.Runs;
using Fleet.Agent.Session;
using Fleet.Agent.Storage;
using Fleet.Agent.Systemd;
using Fleet.Agent.Timing;
using Fleet.Agent.Tools;
using Fleet.Agent.Zfs.Listing;
using Fleet.Yaml;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent;

/// <summary>
/// The running agent: makes its parts, keeps their loops, and ends them in order. A loop that ends by itself ends the process,
/// and systemd starts it again.
/// </summary>
internal sealed partial class AgentHost(ConfigurationFile configFile, ConsoleLog log, ServiceManager systemd, TimeProvider time)
{
    public const string Help = """
        fleet-agent [run] [--config FILE]

        Runs the agent in the foreground; fleet-agent.service does this. An agent that has not been enrolled waits, and says so.

          --config FILE  default /etc/fleet/agent.yaml

        Signals: SIGHUP reads the configuration again, SIGTERM and SIGINT stop (running tools are ended first).
        Exit codes: 0 stopped, 1 the state directory cannot be used, 2 wrong usage, 78 wrong configuration: also a
        file that --config names and that is not there. Without --config, a missing file means the defaults.
        """;

    private const long ReserveBytes = 4 * 1024 * 1024;
    private const int MaxStopSeconds = 25;

    private readonly ILogger _logger = log.CreateLogger("Agent");
    private AgentOptions _options = new();

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var problems = new YamlProblems();
        _options = AgentOptionsReader.Read(configFile, problems);
        if (problems.Any)
        {
            LogBadConfiguration(problems.ToString());
            return Verbs.WrongConfiguration;
        }

        log.Minimum = _options.LogLevel;
        try
        {
            DurableFile.CreateFolder(_options.StateDirectory);
            File.SetUnixFileMode(_options.StateDirectory, DurableFile.PrivateFolder);
            using var onlyOne = File.OpenHandle(
                Path.Join(_options.StateDirectory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return await RunWithStateAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogBadState(_options.StateDirectory, LogText.Escape(e.Message));
            return 1;
        }
    }

    private async Task<int> RunWithStateAsync(CancellationToken cancellationToken)
    {
        var state = _options.StateDirectory;
        var paths = new HostPaths();
        var bootId = HostDescription.BootId(paths);
        var tools = new ToolRunner(time);
        using var timer = new SharedTimer(time);
        var guard = new FileGuard(() => _options.GuardFile, () => [state, Path.GetDirectoryName(Path.GetFullPath(configFile.Path))!]);
        using var journal = RunJournal.Open(Path.Join(state, "journal"), bootId, out var journalDamage);
        using var outbox = ResultOutbox.Open(Path.Join(state, "outbox"), time, out var outboxDamage);
        using var backlog = MetricBacklog.Open(Path.Join(state, "outbox", "metrics"), () => _options.OutboxMaxBytes / 4);
        var assignments = new AssignmentStore(Path.Join(state, "assignment.pb"), out var assignmentDamage);
        var ledger = new RunLedger(
            journal, outbox, backlog, new DiskReserve(Path.Join(state, "outbox", "reserve"), ReserveBytes), () =>
                _options.OutboxMaxBytes, log.CreateLogger("Runs"));
        var historyFolder = new HistoryFolder(Path.Join(state, HistoryFolder.Name));
        using var history = new RunHistory(
            journal,
            historyFolder,
            () => _options.History.By(KernelClock.Read().IsSynchronised),
            damage => ledger.Notice("state_damaged", damage),
            time,
            log.CreateLogger("History"));
        ledger.Recorded += history.Add;
        var table = new SeriesTable();
        var queue = new SendQueue(backlog, table);
        var settings = new RunSettings();
        Apply(_options, settings);
        using var mounts = new LvmMounts(Path.Join(state, "mounts"), static () => MountTable.Read());
        var merges = new LvmMergeRecords(Path.Join(state, "merges"));
        var snapshots = new ZfsSnapshotCache();
        var versionFolders = new VersionFolders(Path.Join(state, "version-folders"));
        var actions = ActionList.Create(
            RetentionClock.OfThisHost(state, paths, time), () => assignments.Current, snapshots, mounts, merges, versionFolders);
        var coordinatorClock = new CoordinatorClock(time, static () => KernelClock.Read().IsSynchronised);
        var runs = new RunManager(ledger, settings, actions, guard, tools, queue, time, coordinatorClock, log.CreateLogger("Runs"));
        ledger.Reconcile();
        runs.Recover(journal, bootId);
        foreach (var damage in new[] { journalDamage, outboxDamage, assignmentDamage }.OfType<string>())
        {
            LogDamage(damage);
            ledger.Notice("state_damaged", damage);
        }

        var metrics = new MetricsLoop(CollectorList.Create(paths, tools, time), table, () => _options, queue.Add, timer);
        var inventory = new InventoryLoop(
            new HostStorage(paths, tools, snapshots, time), () => _options.InventoryInterval, queue, time, log.CreateLogger("Inventory"));
        runs.Ended += inventory.RunEnded;
        var local = new LocalScheduler(assignments, runs, journal.KnowsRun, settings, time, log.CreateLogger("LocalSchedule"));
        var answers = new RunningAgent(() => _options, history, historyFolder, runs, ledger, settings, outbox, assignments, time);
        using var localServer = new LocalServer(() => _options, answers.AnswerAsync, time, log.CreateLogger("LocalSocket"));
        var identities = new IdentityStore(state);
        var session = new SessionClient(
            new SessionServices
            {
                Options = () => _options,
                Runs = runs,
                Ledger = ledger,
                Outbox = outbox,
                Backlog = backlog,
                Queue = queue,
                Assignments = assignments,
                Metrics = metrics,
                Inventory = inventory,
                Refused = new RefusedMessages(ledger, time, log.CreateLogger("Session")),
                Guard = guard,
                Host = new HostDescription(paths, tools, time),
                State = new SessionState(Path.Join(state, "session.json")),
                BootId = bootId,
                InstanceId = Guid.NewGuid().ToString("N"),
                Version = AgentVersion.Text,
                Timer = timer,
                Clock = coordinatorClock,
            },
            identities,
            new CertificateRenewal(identities, time, log.CreateLogger("Enrolment")),
            settings,
            text =>
            {
                systemd.Status(text);
                answers.Connection = text;
            },
            log.CreateLogger("Session"));
        answers.IsConnected = () => session.Connected;
        if (identities.Load(out _) is { } identity)
        {
            (settings.HostId, settings.HostName, settings.FleetId) = (identity.HostId, identity.Name, identity.FleetId);
        }

        // Before anything can be mounted: whoever mounts waits for it.
        var cleaning = CleanMountsAsync(mounts, tools, ledger, cancellationToken);
        LogStarts(AgentVersion.Text, configFile.Path, state);
        systemd.Ready();
        using var ending = new CancellationTokenSource();
        Task[] loops =
        [
            KeepSessionAsync(session, ending.Token),
            metrics.RunAsync(ending.Token),
            inventory.RunAsync(ending.Token),
            history.RunAsync(ending.Token),
            localServer.RunAsync(ending.Token),
            WatchMergesAsync(new LvmMergeWatch(merges, new LvmQuery(tools, time, [], static most => most),
                (code, message, merge) => TellMerge(ledger, code, message, merge)), timer, ending.Token),
            KeepUpAsync(new Parts(runs, ledger, local, session), () => Reload(ledger, settings, metrics, inventory, localServer), timer,
                ending.Token),
        ];
        var asked = Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
        var first = await Task.WhenAny([asked, .. loops]);
        var unexpected = first != asked;
        systemd.Stopping();
        LogStops();
        try
        {
            // Tools are ended and their results recorded while the session still lives, so that most of them still get out.
            await runs.StopAsync().WaitAsync(TimeSpan.FromSeconds(MaxStopSeconds), time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            LogStopTimedOut();
        }

        await DrainAsync(outbox, session);
        await ending.CancelAsync();
        try
        {
            await Task.WhenAll([cleaning, .. loops]).WaitAsync(TimeSpan.FromSeconds(5), time, CancellationToken.None);
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException)
        {
            // Asked for.
        }

        if (unexpected)
        {
            await first;
        }

        return 0;
    }

    /// <summary>Gives what was recorded last a moment to be acknowledged; it is on disk in any case.</summary>
    private async Task DrainAsync(ResultOutbox outbox, SessionClient session)
    {
        var started = time.GetTimestamp();
        while (session.Connected && outbox.WaitingBytes > 0 && time.GetElapsedTime(started) < TimeSpan.FromSeconds(2))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), time);
        }
    }

    private async Task CleanMountsAsync(LvmMounts mounts, IToolRunner tools, RunLedger ledger, CancellationToken cancellationToken)
    {
        foreach (var problem in await mounts.CleanUpAsync(new LvmQuery(tools, time, [], static most => most), cancellationToken))
        {
            LogMountLeft(problem);
            ledger.Notice("mount_left", $"a snapshot that an earlier run made readable could not be released: {problem}");
        }
    }
}
