using System.Runtime.CompilerServices;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Cli.Tests.Scripted;

internal sealed class ScriptedFleet(Script script) : FleetService.FleetServiceBase
{
    public override Task<GetStatusResponse> GetStatus(GetStatusRequest request, ServerCallContext context) =>
        Answer<GetStatusResponse>(request, context);

    public override Task<ListHostsResponse> ListHosts(ListHostsRequest request, ServerCallContext context) =>
        Answer<ListHostsResponse>(request, context);

    public override Task<Host> GetHost(GetHostRequest request, ServerCallContext context) => Answer<Host>(request, context);

    public override Task<ListPoliciesResponse> ListPolicies(ListPoliciesRequest request, ServerCallContext context) =>
        Answer<ListPoliciesResponse>(request, context);

    public override Task<Policy> GetPolicy(GetPolicyRequest request, ServerCallContext context) => Answer<Policy>(request, context);

    public override Task<ApplyPoliciesResponse> ApplyPolicies(ApplyPoliciesRequest request, ServerCallContext context) =>
        Answer<ApplyPoliciesResponse>(request, context);

    public override Task<ClearDuplicateIdentityResponse> ClearDuplicateIdentity(
        ClearDuplicateIdentityRequest request, ServerCallContext context) =>
        Answer<ClearDuplicateIdentityResponse>(request, context);

    public override Task<DeletePolicyResponse> DeletePolicy(DeletePolicyRequest request, ServerCallContext context) =>
        Answer<DeletePolicyResponse>(request, context);

    public override Task<StartRunResponse> StartRun(StartRunRequest request, ServerCallContext context) =>
        Answer<StartRunResponse>(request, context);

    public override Task<Run> StartAction(StartActionRequest request, ServerCallContext context) => Answer<Run>(request, context);

    public override Task<ListRunsResponse> ListRuns(ListRunsRequest request, ServerCallContext context) =>
        Answer<ListRunsResponse>(request, context);

    public override Task<Run> GetRun(GetRunRequest request, ServerCallContext context) => Answer<Run>(request, context);

    public override Task WatchRun(
        WatchRunRequest request, IServerStreamWriter<WatchRunResponse> responseStream, ServerCallContext context) =>
        script.StreamAsync(nameof(WatchRun), request, responseStream, context);

    public override Task<CancelRunResponse> CancelRun(CancelRunRequest request, ServerCallContext context) =>
        Answer<CancelRunResponse>(request, context);

    public override Task<ListRunLogResponse> ListRunLog(ListRunLogRequest request, ServerCallContext context) =>
        Answer<ListRunLogResponse>(request, context);

    public override Task<ListSnapshotsResponse> ListSnapshots(ListSnapshotsRequest request, ServerCallContext context) =>
        Answer<ListSnapshotsResponse>(request, context);

    public override Task<GetStorageResponse> GetStorage(GetStorageRequest request, ServerCallContext context) =>
        Answer<GetStorageResponse>(request, context);

    public override Task<GetLatestMetricsResponse> GetLatestMetrics(GetLatestMetricsRequest request, ServerCallContext context) =>
        Answer<GetLatestMetricsResponse>(request, context);

    public override Task<QueryMetricsResponse> QueryMetrics(QueryMetricsRequest request, ServerCallContext context) =>
        Answer<QueryMetricsResponse>(request, context);

    private Task<T> Answer<T>(Google.Protobuf.IMessage request, ServerCallContext context, [CallerMemberName] string method = "") =>
        script.AnswerAsync<T>(method, request, context);
}

internal sealed class ScriptedEvents(Script script) : EventService.EventServiceBase
{
    public override Task Subscribe(
        SubscribeRequest request, IServerStreamWriter<SubscribeResponse> responseStream, ServerCallContext context) =>
        script.StreamAsync(nameof(Subscribe), request, responseStream, context);
}

internal sealed class ScriptedAdmin(Script script) : AdminService.AdminServiceBase
{
    public override Task<CreateJoinTokenResponse> CreateJoinToken(CreateJoinTokenRequest request, ServerCallContext context) =>
        Answer<CreateJoinTokenResponse>(request, context);

    public override Task<ListJoinTokensResponse> ListJoinTokens(ListJoinTokensRequest request, ServerCallContext context) =>
        Answer<ListJoinTokensResponse>(request, context);

    public override Task<RevokeJoinTokenResponse> RevokeJoinToken(RevokeJoinTokenRequest request, ServerCallContext context) =>
        Answer<RevokeJoinTokenResponse>(request, context);

    public override Task<CreateOperatorResponse> CreateOperator(CreateOperatorRequest request, ServerCallContext context) =>
        Answer<CreateOperatorResponse>(request, context);

    public override Task<ListOperatorsResponse> ListOperators(ListOperatorsRequest request, ServerCallContext context) =>
        Answer<ListOperatorsResponse>(request, context);

    public override Task<RemoveOperatorResponse> RemoveOperator(RemoveOperatorRequest request, ServerCallContext context) =>
        Answer<RemoveOperatorResponse>(request, context);

    public override Task<Operator> WhoAmI(WhoAmIRequest request, ServerCallContext context) => Answer<Operator>(request, context);

    public override Task<RemoveHostResponse> RemoveHost(RemoveHostRequest request, ServerCallContext context) =>
        Answer<RemoveHostResponse>(request, context);

    public override Task<ListAuditResponse> ListAudit(ListAuditRequest request, ServerCallContext context) =>
        Answer<ListAuditResponse>(request, context);

    private Task<T> Answer<T>(Google.Protobuf.IMessage request, ServerCallContext context, [CallerMemberName] string method = "") =>
        script.AnswerAsync<T>(method, request, context);
}
