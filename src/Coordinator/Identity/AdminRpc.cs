using Fleet.Coordinator.Audit;
using Fleet.Coordinator.Clock;
using Fleet.Coordinator.Edge;
using Fleet.Coordinator.Errors;
using Fleet.Coordinator.Hosts;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Coordinator.Identity;

/// <summary>AdminService. <see cref="RpcRoles"/> decides who may call it.</summary>
internal sealed class AdminRpc(JoinTokens tokens, Operators operators, IHostDirectory hosts, TrustedClock clock, AuditQueries audit)
    : AdminService.AdminServiceBase
{
    public override async Task<CreateJoinTokenResponse> CreateJoinToken(CreateJoinTokenRequest request, ServerCallContext context)
    {
        var response = await tokens.CreateAsync(request, context.Caller().Name, context.CancellationToken);
        AuditNote.Of(context).Subject = response.Token.TokenId;
        return response;
    }

    public override Task<ListJoinTokensResponse> ListJoinTokens(ListJoinTokensRequest request, ServerCallContext context) =>
        tokens.ListAsync(request, context.CancellationToken);

    public override async Task<RevokeJoinTokenResponse> RevokeJoinToken(RevokeJoinTokenRequest request, ServerCallContext context)
    {
        await tokens.RevokeAsync(request.TokenId, context.CancellationToken);
        return new RevokeJoinTokenResponse();
    }

    public override Task<CreateOperatorResponse> CreateOperator(CreateOperatorRequest request, ServerCallContext context) =>
        operators.CreateAsync(request, context.Caller().Name, context.CancellationToken);

    public override Task<ListOperatorsResponse> ListOperators(ListOperatorsRequest request, ServerCallContext context) =>
        operators.ListAsync(request, context.CancellationToken);

    public override async Task<RemoveOperatorResponse> RemoveOperator(RemoveOperatorRequest request, ServerCallContext context)
    {
        await operators.RemoveAsync(request.Name, context.CancellationToken);
        return new RemoveOperatorResponse();
    }

    public override Task<Operator> WhoAmI(WhoAmIRequest request, ServerCallContext context) =>
        operators.FindAsync(context.Caller().Name, context.CancellationToken);

    public override async Task<RemoveHostResponse> RemoveHost(RemoveHostRequest request, ServerCallContext context)
    {
        RequestRules.Text("reason", request.Reason, 1_024);
        var hostId = await hosts.RemoveAsync(request.Host, request.Reason, context.Caller().Name, context.CancellationToken)
            ?? throw FleetError.NotFound("there is no such host", "fleet hosts shows them; a removed host is not shown.");
        return new RemoveHostResponse { HostId = hostId };
    }

    public override Task<AcceptClockResponse> AcceptClock(AcceptClockRequest request, ServerCallContext context)
    {
        if (request.Note.Length == 0)
        {
            throw FleetError.InvalidArgument("note", "is required: how do you know that the clock is right?");
        }

        RequestRules.Text("note", request.Note, 256);
        return clock.AcceptAsync(request.Note, context.Caller().Name, context.CancellationToken);
    }

    public override Task<ListAuditResponse> ListAudit(ListAuditRequest request, ServerCallContext context) =>
        audit.ListAsync(request, context.CancellationToken);
}
