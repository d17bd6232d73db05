using Fleet.Coordinator.Hosts;
using Fleet.Coordinator.Identity;
using Fleet.Coordinator.Metrics;
using Fleet.Coordinator.Policies;
using Fleet.Coordinator.Runs;
using Fleet.Coordinator.Snapshots;
using Fleet.Protocol.V1;
using Grpc.Core;
using Host = Fleet.Protocol.V1.Host;

namespace Fleet.Coordinator.Fleet;

/// <summary>FleetService: passes each call to the feature that it belongs to.</summary>
internal sealed class FleetRpc(
    FleetStatus status,
    HostQueries hosts,
    DuplicateIdentities duplicates,
    PolicyQueries policies,
    PolicyApplier applier,
    RunQueries runs,
    RunStarter starter,
    ActionStarter actions,
    RunWatch watch,
    SnapshotQueries snapshots,
    MetricQueries metrics,
    IHostApplicationLifetime lifetime) : FleetService.FleetServiceBase
{
    public override Task<GetStatusResponse> GetStatus(GetStatusRequest request, ServerCallContext context) =>
        status.GetAsync(context.CancellationToken);

    public override Task<ListHostsResponse> ListHosts(ListHostsRequest request, ServerCallContext context) =>
        hosts.ListAsync(request, context.CancellationToken);

    public override Task<Host> GetHost(GetHostRequest request, ServerCallContext context) =>
        hosts.GetAsync(request.Host, context.CancellationToken);

    public override Task<ClearDuplicateIdentityResponse> ClearDuplicateIdentity(
        ClearDuplicateIdentityRequest request,
        ServerCallContext context
    ) => duplicates.ClearAsync(request, context.Caller().Name, context.CancellationToken);

    public override Task<ListPoliciesResponse> ListPolicies(ListPoliciesRequest request, ServerCallContext context) =>
        policies.ListAsync(request, context.CancellationToken);

    public override Task<Policy> GetPolicy(GetPolicyRequest request, ServerCallContext context) =>
        policies.GetAsync(request.Name, context.CancellationToken);

    public override Task<ApplyPoliciesResponse> ApplyPolicies(ApplyPoliciesRequest request, ServerCallContext context) =>
        applier.ApplyAsync(request, context.Caller().Name, context.CancellationToken);

    public override Task<DeletePolicyResponse> DeletePolicy(DeletePolicyRequest request, ServerCallContext context) =>
        applier.DeleteAsync(request.Name, context.Caller().Name, context.CancellationToken);

    public override Task<StartRunResponse> StartRun(StartRunRequest request, ServerCallContext context) =>
        starter.StartAsync(request, context.Caller().Name, context.CancellationToken);

    public override Task<Run> StartAction(StartActionRequest request, ServerCallContext context) =>
        actions.StartAsync(request, context.Caller().Name, context.CancellationToken);

    public override Task<ListRunsResponse> ListRuns(ListRunsRequest request, ServerCallContext context) =>
        runs.ListAsync(request, context.CancellationToken);

    public override Task<Run> GetRun(GetRunRequest request, ServerCallContext context) =>
        runs.GetAsync(request.RunId, context.CancellationToken);

    public override async Task WatchRun(
        WatchRunRequest request, IServerStreamWriter<WatchRunResponse> responseStream, ServerCallContext context)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            await watch.RunAsync(request, responseStream, stop.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw Errors.FleetError.Create(
                StatusCode.Unavailable, Reason.Unavailable, "the coordinator is shutting down", "watch again in a few seconds");
        }
    }

    public override Task<CancelRunResponse> CancelRun(CancelRunRequest request, ServerCallContext context) =>
        starter.CancelAsync(request, context.Caller().Name, context.CancellationToken);

    public override Task<ListRunLogResponse> ListRunLog(ListRunLogRequest request, ServerCallContext context) =>
        runs.ListLogAsync(request, context.CancellationToken);

    public override Task<ListSnapshotsResponse> ListSnapshots(ListSnapshotsRequest request, ServerCallContext context) =>
        snapshots.ListAsync(request, context.CancellationToken);

    public override Task<GetStorageResponse> GetStorage(GetStorageRequest request, ServerCallContext context) =>
        snapshots.GetStorageAsync(request.Host, context.CancellationToken);

    public override Task<GetLatestMetricsResponse> GetLatestMetrics(GetLatestMetricsRequest request, ServerCallContext context) =>
        metrics.LatestAsync(request, context.CancellationToken);

    public override Task<QueryMetricsResponse> QueryMetrics(QueryMetricsRequest request, ServerCallContext context) =>
        metrics.QueryAsync(request, context.CancellationToken);
}
