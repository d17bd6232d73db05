using Fleet.Coordinator.Identity;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Coordinator.Sessions;

/// <summary>AgentService: passes enrolment to the identity feature, and runs sessions here.</summary>
internal sealed class AgentRpc(EnrolmentService enrolment, SessionHandler sessions) : AgentService.AgentServiceBase
{
    public override Task<GetAuthorityResponse> GetAuthority(GetAuthorityRequest request, ServerCallContext context) =>
        enrolment.GetAuthorityAsync(context);

    public override Task<EnrollResponse> Enroll(EnrollRequest request, ServerCallContext context) =>
        enrolment.EnrollAsync(request, context);

    public override Task<RenewResponse> Renew(RenewRequest request, ServerCallContext context) => enrolment.RenewAsync(request, context);

    public override Task Session(
        IAsyncStreamReader<AgentMessage> requestStream,
        IServerStreamWriter<CoordinatorMessage> responseStream,
        ServerCallContext context
    ) => sessions.RunAsync(requestStream, responseStream, context);
}
