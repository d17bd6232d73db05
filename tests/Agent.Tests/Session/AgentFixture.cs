using Fleet.Agent.Configuration;
using Fleet.Agent.Connection;
using Fleet.Agent.Enrolment;
using Fleet.Agent.Host;
using Fleet.Agent.Inventory;
using Fleet.Agent.LocalSchedule;
using Fleet.Agent.Metrics;
using Fleet.Agent.Runs;
using Fleet.Agent.Session;
using Fleet.Agent.Tests.Runs;
using Fleet.Agent.Timing;
using Fleet.Agent.Tools;
using Fleet.Agent.Zfs.Listing;
using Fleet.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fleet.Agent.Tests.Session;

/// <summary>An enrolled agent's session over real files, against whatever address a test gives.</summary>
internal sealed class AgentFixture : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private readonly SharedTimer _timer;

    public AgentFixture(
        string folder,
        ScriptedCoordinator coordinator,
        IReadOnlyList<string>? addresses = null,
        TimeSpan? certificateAge = null,
        TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        _timer = new SharedTimer(time);
        Identities = new IdentityStore(folder);
        coordinator.Enrol(Identities, certificateAge ?? TimeSpan.FromMinutes(1), addresses);
        Runs = new RunFixture(folder);
        Table = new SeriesTable();
        Queue = new SendQueue(Runs.Backlog, Table);
        Assignments = new AssignmentStore(Path.Join(folder, "assignment.pb"), out _);
        Refused = new RefusedMessages(Runs.Ledger, time, NullLogger.Instance);
        Client = new SessionClient(
            new SessionServices
            {
                Options = () => new AgentOptions(),
                Runs = Runs.Runs,
                Ledger = Runs.Ledger,
                Outbox = Runs.Outbox,
                Backlog = Runs.Backlog,
                Queue = Queue,
                Assignments = Assignments,
                Metrics = new MetricsLoop([], Table, () => new AgentOptions(), Queue.Add, _timer),
                Inventory = new InventoryLoop(
                    new HostStorage(new HostPaths(), new ToolRunner(time), new ZfsSnapshotCache(), time),
                    () => null,
                    Queue,
                    time,
                    NullLogger.Instance),
                Refused = Refused,
                Guard = Runs.Guard,
                Host = new HostDescription(new HostPaths(), new ToolRunner(time), time),
                State = new SessionState(Path.Join(folder, "session.json")),
                BootId = "boot",
                InstanceId = "instance",
                Version = "0.0.1",
                Timer = _timer,
                Clock = new CoordinatorClock(time, () => true),
            },
            Identities,
            new CertificateRenewal(Identities, time, NullLogger.Instance),
            Runs.Settings,
            s =>
            {
                lock (Statuses)
                {
                    Statuses.Add(s);
                }
            },
            NullLogger.Instance);
        _loop = Client.RunAsync(_stop.Token);
    }

    public static string HostId => "7f1e9d0c-0000-4000-8000-000000000001";

    public IdentityStore Identities { get; }

    public RunFixture Runs { get; }

    public SeriesTable Table { get; }

    public SendQueue Queue { get; }

    public AssignmentStore Assignments { get; }

    public RefusedMessages Refused { get; }

    public SessionClient Client { get; }

    public List<string> Statuses { get; } = [];

    public Task SaysAsync(string text) => Eventually.TrueAsync(
        () =>
        {
            lock (Statuses)
            {
                return Statuses.Exists(s => s.Contains(text, StringComparison.Ordinal));
            }
        },
        $"status \"{text}\"");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _loop.WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (OperationCanceledException)
        {
            // Asked for.
        }

        _timer.Dispose();
        Runs.Dispose();
        _stop.Dispose();
    }
}
