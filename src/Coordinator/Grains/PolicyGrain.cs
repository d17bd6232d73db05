using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.State.Scheduling;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Fleet.Schedules;

namespace Fleet.Coordinator.Grains;

/// <summary>
/// Knows when its policy is due on each host. Everything that matters is in the store: a grain that is activated again, after a crash
/// or on another silo, continues from there. The timer does the work; the reminder brings a lost grain back.
/// </summary>
[GrainType("policy")]
internal sealed partial class PolicyGrain(FleetStore store, TimeProvider clock, CoordinatorOptions options, ILogger<PolicyGrain> log)
    : Grain, IPolicyGrain, IRemindable
{
    private const string ReminderName = "due";

    /// <summary>Hosts whose runs are committed together.</summary>
    private const int HostsPerCommit = 500;

    /// <summary>Longest pause between two looks, for states that change just because time passes.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(5);

    private readonly List<ScheduledHost> _hosts = [];
    private PolicyRow? _policy;
    private IGrainTimer? _timer;

    private string Name => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _timer = this.RegisterGrainTimer(
            static (grain, token) => grain.TickAsync(token),
            this,
            new GrainTimerCreationOptions(LongestPause, LongestPause) { KeepAlive = true });
        await ReloadAsync();
    }

    public async Task RefreshAsync()
    {
        await ReloadAsync();
        EndIfDeleted();
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (_policy is null)
        {
            await ReloadAsync();
        }

        EndIfDeleted();
    }

    /// <summary>
    /// Never called during activation: the request that activated the grain would wake the next activation, and would be refused in the
    /// end.
    /// </summary>
    private void EndIfDeleted()
    {
        if (_policy is null)
        {
            DeactivateOnIdle();
        }
    }

    private async Task ReloadAsync()
    {
        var (policy, rows) = await store.ReadAsync(reader => (PolicyStore.Find(reader, Name), ProtectionStore.OfPolicy(reader, Name)));
        _policy = policy;
        _hosts.Clear();
        if (policy is null)
        {
            if (await this.GetReminder(ReminderName) is { } reminder)
            {
                await this.UnregisterReminder(reminder);
            }

            return;
        }

        await this.RegisterOrUpdateReminder(ReminderName, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        var now = clock.GetUtcNow();
        foreach (var row in rows)
        {
            if (PolicyRules.ScheduleFor(policy.Spec, row.HostId) is { } schedule)
            {
                // A clock that was set back must not silence the schedule: ids make sure that nothing runs twice.
                _hosts.Add(new ScheduledHost(row.HostId, row.HostName, schedule, row.CoveredUntil < now ? row.CoveredUntil : now));
            }
        }

        Arm();
    }

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        if (_policy is null)
        {
            EndIfDeleted();
            return;
        }

        try
        {
            await QueueDueAsync(_policy, cancellationToken);
            await EvaluateAsync(_policy.Spec, cancellationToken);
        }
        catch (StoreException exception)
        {
            // The store reports what is wrong; the next tick tries again, and what is due stays due.
            TickFailed(log, Name, exception);
        }

        Arm();
    }

    private async Task QueueDueAsync(PolicyRow policy, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = new List<DueInstant>();
        var late = 0;
        foreach (var host in _hosts.Where(host => host.CoveredUntil > now))
        {
            // The clock was set back: instants covered under the wrong time lie ahead, and the schedule must not be silent until then.
            host.CoveredUntil = now;
        }

        foreach (var host in _hosts.Where(host => host.Next <= now))
        {
            if (PolicyRules.NewestDue(host.Schedule, host.CoveredUntil, now) is { } instant)
            {
                due.Add(new DueInstant(host.HostId, host.HostName, instant));
                late += host.Next < instant ? 1 : 0;
            }
        }

        if (late > 0)
        {
            CatchingUp(log, Name, late);
        }

        foreach (var part in due.Chunk(HostsPerCommit))
        {
            var queued = await store.WriteAsync(
                transaction => DueRuns.Queue(transaction, policy, part, options.QueuePerHost), cancellationToken);
            foreach (var hostId in queued)
            {
                // Not awaited: a host that is slow to take its run must not hold up the others. Lost calls are made up for by RunKeeper.
                GrainFactory.GetGrain<IHostGrain>(hostId).DispatchAsync().Forget();
            }
        }

        var covered = due.ToDictionary(d => d.HostId, d => d.Instant);
        foreach (var host in _hosts)
        {
            if (covered.TryGetValue(host.HostId, out var instant))
            {
                host.CoveredUntil = instant;
            }
        }
    }

    private async Task EvaluateAsync(PolicySpec spec, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        while (await store.ReadAsync(reader => ProtectionStore.IsCheckDue(reader, Name, now), cancellationToken))
        {
            await store.WriteAsync(transaction => ProtectionStore.EvaluateDue(transaction, spec, HostsPerCommit), cancellationToken);
        }
    }

    private void Arm()
    {
        var pause = LongestPause;
        var now = clock.GetUtcNow();
        foreach (var host in _hosts)
        {
            if (host.Next is { } next && next - now < pause)
            {
                pause = next - now;
            }
        }

        _timer?.Change(pause < ShortestPause ? ShortestPause : pause, LongestPause);
    }

    private sealed class ScheduledHost(string hostId, string hostName, ISchedule schedule, DateTimeOffset coveredUntil)
    {
        private DateTimeOffset _coveredUntil = coveredUntil;

        public string HostId => hostId;

        public string HostName => hostName;

        public ISchedule Schedule => schedule;

        public DateTimeOffset? Next { get; private set; } = schedule.NextAfter(coveredUntil);

        public DateTimeOffset CoveredUntil
        {
            get => _coveredUntil;
            set
            {
                _coveredUntil = value;
                Next = schedule.NextAfter(value);
            }
        }
    }
}
