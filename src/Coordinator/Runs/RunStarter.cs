using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Errors;
using Fleet.Coordinator.Grains;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Coordinator.Runs;

/// <summary>Starts and cancels runs for operators.</summary>
internal sealed class RunStarter(FleetStore store, IGrainFactory grains, CoordinatorOptions options, RunQueries queries)
{
    /// <summary>Queues one run per host; a repeated request starts nothing new and gets the same answer.</summary>
    /// <exception cref="RpcException">Unknown policy or host, a full queue, or a request_id that came with another request.</exception>
    public async Task<StartRunResponse> StartAsync(StartRunRequest request, string by, CancellationToken cancellationToken)
    {
        StartRequests.Check(request.RequestId);
        var runs = await store.WriteAsync(transaction => Start(transaction, request, by), cancellationToken);
        foreach (var hostId in runs.Select(run => run.HostId).Distinct())
        {
            grains.GetGrain<IHostGrain>(hostId).DispatchAsync().Forget();
        }

        var response = new StartRunResponse();
        foreach (var run in runs)
        {
            response.Runs.Add(await queries.CompleteAsync(run, ""));
        }

        return response;
    }

    /// <summary>Cancels a waiting run at once, and a running one when its agent has ended it.</summary>
    public async Task<CancelRunResponse> CancelAsync(CancelRunRequest request, string by, CancellationToken cancellationToken)
    {
        var reason = request.Reason.Length == 0 ? $"cancelled by {by}" : $"cancelled by {by}: {request.Reason}";
        var run = await store.WriteAsync(
            transaction =>
            {
                var row = RunQueries.Resolve(transaction, request.RunId);
                if (row.IsFinal)
                {
                    throw FleetError.Create(
                        StatusCode.FailedPrecondition,
                        Reason.WrongState,
                        $"run {row.RunId} has ended already: {row.State.ToString().ToLowerInvariant()}");
                }

                return RunChanges.Apply(transaction, row, new RunInput.CancelRequested(reason)) ?? row;
            },
            cancellationToken);
        if (RunStates.IsActive(run.State))
        {
            await grains.GetGrain<IHostGrain>(run.HostId).CancelAsync(run.RunId, run.CancelReason ?? reason);
        }

        return new CancelRunResponse { Run = await queries.CompleteAsync(run, "") };
    }

    private List<RunRow> Start(StoreTransaction transaction, StartRunRequest request, string by)
    {
        if (StartRequests.Repeated(transaction, request.RequestId, request) is { } before)
        {
            return before;
        }

        var policy = PolicyStore.Find(transaction, request.Policy)
            ?? throw FleetError.NotFound($"no policy {request.Policy}", "`fleet policies` lists them");
        var action = RunOverrides.Of(policy.Spec.Action, request);
        var runs = new List<RunRow>();
        foreach (var host in Targets(transaction, request, policy))
        {
            runs.Add(StartOn(transaction, action, policy, host, by));
        }

        StartRequests.Remember(transaction, request.RequestId, "StartRun", request, runs);
        return runs;
    }

    private RunRow StartOn(StoreTransaction transaction, Protocol.V1.Action action, PolicyRow policy, PolicyHostRow host, string by)
    {
        var run = RunFactory.Manual(policy, host.HostId, host.HostName, by, action, transaction.Now);

        // A run that is already waiting stands for this one: two in a row would do the same work twice.
        var waiting = RunStore.Open(transaction, host.HostId, policy.Spec.Name)
            .FirstOrDefault(other => other.State == RunState.Queued && other.Action.Equals(run.Action));
        if (waiting is not null)
        {
            return waiting;
        }

        StartRequests.CheckQueue(transaction, host.HostId, host.HostName, options.QueuePerHost);
        RunChanges.Enqueue(transaction, run);
        return run;
    }

    private static List<PolicyHostRow> Targets(StoreTransaction transaction, StartRunRequest request, PolicyRow policy)
    {
        var all = ProtectionStore.OfPolicy(transaction, policy.Spec.Name);
        if (request.Hosts.Count == 0)
        {
            return all.Count > 0 ? all : throw FleetError.Create(
                StatusCode.FailedPrecondition,
                Reason.WrongState,
                $"{policy.Spec.Name} applies to no host now",
                "check its target against `fleet hosts`");
        }

        var violations = new List<FieldViolation>();
        var chosen = new Dictionary<string, PolicyHostRow>();
        for (var i = 0; i < request.Hosts.Count; i++)
        {
            var name = request.Hosts[i];
            if (all.FirstOrDefault(row => row.HostName == name || row.HostId == name) is { } row)
            {
                chosen[row.HostId] = row;
            }
            else
            {
                violations.Add(new FieldViolation
                {
                    Field = $"hosts[{i}]",
                    Message = HostStore.Find(transaction, name) is null
                        ? $"no host {name}"
                        : $"{policy.Spec.Name} does not apply to {name}: its target says where it may run",
                });
            }
        }

        return violations.Count == 0 ? [.. chosen.Values] : throw FleetError.Create(
            StatusCode.InvalidArgument,
            Reason.InvalidArgument,
            violations[0].Message,
            "`fleet policies` shows where each policy applies",
            violations);
    }
}
