using Fleet.Agent.Actions;
using Fleet.Agent.Guard;
using Fleet.Agent.Host;
using Fleet.Agent.Journal;
using Fleet.Agent.Outbox;
using Fleet.Agent.Runs;
using Fleet.Agent.Storage;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fleet.Agent.Tests.Runs;

/// <summary>A run manager over real files, with an action that a test steers.</summary>
internal sealed class RunFixture : IDisposable
{
    private readonly string _folder;

    public RunFixture(string folder, long reserveBytes = 64 * 1024)
    {
        _folder = folder;
        Journal = RunJournal.Open(Path.Join(folder, "journal"), "boot", out _);
        Outbox = ResultOutbox.Open(Path.Join(folder, "outbox"), Clock, out _);
        Backlog = MetricBacklog.Open(Path.Join(folder, "outbox", "metrics"), () => 1 << 20);
        Ledger = new RunLedger(
            Journal,
            Outbox,
            Backlog,
            new DiskReserve(Path.Join(folder, "outbox", "reserve"), reserveBytes),
            () => 256L << 20,
            NullLogger.Instance);
        Action = new SteeredAction();
        Guard = new SteeredGuard();
        Sink = new RecordingSink();
        CoordinatorClock = new CoordinatorClock(Clock, () => true);
        Runs = new RunManager(
            Ledger,
            Settings,
            [Action],
            Guard,
            new ToolRunner(TimeProvider.System),
            Sink,
            Clock,
            CoordinatorClock,
            NullLogger.Instance);
        Ledger.Reconcile();
        Runs.Recover(Journal, "boot");
    }

    public FakeTimeProvider Clock { get; } = new();

    public CoordinatorClock CoordinatorClock { get; }

    public RunSettings Settings { get; } = new() { MaxConcurrent = 2, HostId = "7f1e9d0c-0000-4000-8000-000000000001", HostName = "h" };

    public RunJournal Journal { get; }

    public ResultOutbox Outbox { get; }

    public MetricBacklog Backlog { get; }

    public RunLedger Ledger { get; }

    public RunManager Runs { get; }

    public SteeredAction Action { get; }

    public SteeredGuard Guard { get; }

    public RecordingSink Sink { get; }

    /// <summary>Everything that waits for the coordinator.</summary>
    public IReadOnlyList<OutboxEntry> Sent
    {
        get
        {
            List<OutboxEntry> entries = [];
            for (var entry = Outbox.ReadAfter(0); entry is not null; entry = Outbox.ReadAfter(entry.Sequence))
            {
                entries.Add(entry);
            }

            return entries;
        }
    }

    public IReadOnlyList<RunFinished> Results => [.. Sent.Where(e => e.RunFinished is not null).Select(e => e.RunFinished)];

    public RunCommand Command(string runId, int attempt = 1, TimeSpan? expiresIn = null, string policy = "p") => new()
    {
        RunId = RunIds.Of(runId),
        Attempt = attempt,
        Policy = policy,
        Action = new Protocol.V1.Action { Command = new CommandAction { Program = "/bin/true" } },
        ScheduledAt = Timestamp.FromDateTimeOffset(Clock.GetUtcNow()),
        ExpiresAt = Timestamp.FromDateTimeOffset(Clock.GetUtcNow() + (expiresIn ?? TimeSpan.FromHours(1))),
    };

    public async Task<RunFinished> ResultAsync(string runId, int attempt = 1)
    {
        await Eventually.TrueAsync(() => Results.Any(r => r.RunId == RunIds.Of(runId) && r.Attempt == attempt), $"result of {runId}");
        return Results.Single(r => r.RunId == RunIds.Of(runId) && r.Attempt == attempt);
    }

    /// <summary>The same files, as after a crash: nothing of this process's memory.</summary>
    public RunFixture Restart()
    {
        Dispose();
        return new RunFixture(_folder);
    }

    public void Dispose()
    {
        Journal.Dispose();
        Outbox.Dispose();
        Backlog.Dispose();
    }

    internal sealed class SteeredAction : IAction
    {
        public string Name => "command";

        public Protocol.V1.Action.KindOneofCase Kind => Protocol.V1.Action.KindOneofCase.Command;

        public List<ActionContext> Started { get; } = [];

        public Func<ActionContext, CancellationToken, Task<ActionResult>> Do { get; set; } =
            (_, _) => Task.FromResult(new ActionResult { Outcome = ActionOutcome.Succeeded, Message = "done" });

        public Task<ActionResult> RunAsync(ActionContext context, CancellationToken cancellationToken)
        {
            lock (Started)
            {
                Started.Add(context);
            }

            return Do(context, cancellationToken);
        }

        /// <summary>From now on attempts run until they are cancelled or this is completed.</summary>
        public TaskCompletionSource Block()
        {
            var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Do = async (_, token) =>
            {
                await release.Task.WaitAsync(token);
                return new ActionResult { Outcome = ActionOutcome.Succeeded };
            };
            return release;
        }
    }

    internal sealed class SteeredGuard : IGuard
    {
        public GuardDecision Decision { get; set; } = new() { Allowed = true, Rule = "rule", Message = "" };

        /// <summary>Decides instead. Null: <see cref="Decision"/>.</summary>
        public Func<Protocol.V1.Action, GuardDecision>? Decide { get; set; }

        public GuardDecision Check(Protocol.V1.Action action) => Decide?.Invoke(action) ?? Decision;

        public IReadOnlyList<string> AllowedActions() => ["command"];
    }

    internal sealed class RecordingSink : IRunSink
    {
        public List<RunLogLines> Lines { get; } = [];

        public List<RunProgressUpdate> Progress { get; } = [];

        public void Show(RunProgressUpdate progress)
        {
            lock (Progress)
            {
                Progress.Add(progress);
            }
        }

        public void Show(RunLogLines lines)
        {
            lock (Lines)
            {
                Lines.Add(lines);
            }
        }
    }
}
