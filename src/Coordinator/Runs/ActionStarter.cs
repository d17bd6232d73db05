using Fleet.Actions;
using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Errors;
using Fleet.Coordinator.Grains;
using Fleet.Coordinator.Policies;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Coordinator.Runs;

/// <summary>Starts actions without a policy. From then on, they are runs like all others.</summary>
internal sealed class ActionStarter(FleetStore store, IGrainFactory grains, CoordinatorOptions options, RunQueries queries)
{
    /// <summary>Queues one run; a repeated request starts nothing new and gets the same answer.</summary>
    /// <exception cref="RpcException">
    /// Unknown host, a field that is refused, a full queue, or a request_id that came with another request.
    /// </exception>
    public async Task<Run> StartAsync(StartActionRequest request, string by, CancellationToken cancellationToken)
    {
        StartRequests.Check(request.RequestId);
        Validate(request);
        await RefusePoliciesDestinationAsync(request, cancellationToken);
        var run = await store.WriteAsync(transaction => Start(transaction, request, by), cancellationToken);
        grains.GetGrain<IHostGrain>(run.HostId).DispatchAsync().Forget();
        return await queries.CompleteAsync(run, "");
    }

    private static void Validate(StartActionRequest request)
    {
        var violations = PolicyValidator.ValidateAction(request.Action, request.Timeout).ToList();
        if (ActionText.NoteProblem(request.Note) is { } problem)
        {
            violations.Add(new FieldViolation { Field = "note", Message = problem });
        }

        if (request is { Action.ClockAccept.DryRun: false, Note: "" })
        {
            violations.Add(new FieldViolation { Field = "note", Message = "is required: how do you know that the clock is right?" });
        }

        if (ActionKinds.Of(request.Action)?.NotAdHocBecause is { } reason)
        {
            violations.Add(new FieldViolation { Field = "action", Message = reason });
        }

        if (violations.Count > 0)
        {
            throw FleetError.Create(
                StatusCode.InvalidArgument,
                Reason.InvalidArgument,
                $"{violations[0].Field}: {violations[0].Message}",
                violations: violations);
        }
    }

    /// <summary>
    /// As in an apply, a copy has one writer. Checked before the transaction, since it looks at the whole fleet; the destination owner on
    /// the host protects the data in any case.
    /// </summary>
    private async Task RefusePoliciesDestinationAsync(StartActionRequest request, CancellationToken cancellationToken)
    {
        if (request.Action.Rsync is not { DryRun: false })
        {
            return;
        }

        var found = await store.ReadAsync(
            reader =>
                HostStore.Find(reader, request.Host) is { } host
                    ? DestinationCollisions.OfAction(
                        request.Action,
                        host.Name,
                        [.. PolicyStore.All(reader).Select(static policy => policy.Spec)],
                        HostStore.LabelsByName(reader))
                    : null,
            cancellationToken);
        if (found is var (mine, theirs))
        {
            throw FleetError.InvalidArgument("action.rsync.destination.path", DestinationCollisions.Describe(mine, theirs));
        }
    }

    private RunRow Start(StoreTransaction transaction, StartActionRequest request, string by)
    {
        if (StartRequests.Repeated(transaction, request.RequestId, request) is { } before)
        {
            return before.FirstOrDefault() ?? throw FleetError.NotFound("the run of this request_id is no longer kept");
        }

        var host = HostStore.Find(transaction, request.Host)
            ?? throw FleetError.NotFound($"no host {request.Host}", "`fleet hosts` lists them");
        StartRequests.CheckQueue(transaction, host.HostId, host.Name, options.QueuePerHost);
        var action = request.Action.Clone();
        if (action.ZfsSnapshot is { } snapshot)
        {
            snapshot.Note = request.Note;
        }

        var run = RunFactory.AdHoc(action, request.Timeout, host.HostId, host.Name, by, request.Note, transaction.Now);
        RunChanges.Enqueue(transaction, run);
        StartRequests.Remember(transaction, request.RequestId, "StartAction", request, [run]);
        return run;
    }
}
