using System.Net;
using Fleet.Coordinator.Audit;
using Fleet.Coordinator.Edge;
using Fleet.Coordinator.Errors;
using Fleet.Coordinator.Limits;
using Fleet.Coordinator.Meters;
using Fleet.Coordinator.State.Audit;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Coordinator.Identity;

/// <summary>Admits or refuses a call by <see cref="RpcRoles"/>, and makes sure that it is recorded in the audit log.</summary>
internal sealed class CallGate(CallerAuthenticator authenticator, AuditLog audit, StrangerLog log)
{
    private static readonly RpcRule Closed = new(LeastRole.Admin, Audited: true);

    /// <summary>
    /// Finds out who calls, from the headers alone. A stranger's call that needs an identity is refused, and recorded as such.
    /// </summary>
    /// <returns>The refusal is null for everybody else: <see cref="AdmitAsync"/> decides about roles.</returns>
    public async Task<(CallerIdentity Caller, RpcException? Refusal)> LookAsync(HttpContext http, string method, RpcRule rule)
    {
        var authentication = await AuthenticateAsync(http, rule, http.RequestAborted);
        if (authentication.Caller.Kind != CallerKind.Anonymous || Refusal(rule, authentication) is not { } refusal)
        {
            return (authentication.Caller, null);
        }

        var caller = authentication.Caller;
        await NoteRefusalAsync(new AuditRecord(caller.Who, caller.Address, method, "", Outcome(refusal), ""), refusal);
        return (caller, refusal);
    }

    /// <summary>Admits a call, returns its caller, and puts the caller into the call's user state.</summary>
    /// <param name="request">For the audit log. Null for streams.</param>
    /// <exception cref="RpcException">The call is refused.</exception>
    public async Task<Authentication> AdmitAsync(ServerCallContext context, object? request)
    {
        var http = context.GetHttpContext();
        context.UserState["__HttpContext"] = http; // For GetHttpContext of a wrapped context.
        var known = RpcRoles.Table.TryGetValue(context.Method, out var rule);
        rule ??= Closed;
        var authentication = await AuthenticateAsync(http, rule, context.CancellationToken);
        context.UserState[ServerCallContextExtensions.CallerKey] = authentication.Caller;

        var refusal = known ? Refusal(rule, authentication) : NotInTable(context.Method);
        if (refusal is null)
        {
            return authentication;
        }

        await NoteRefusalAsync(Entry(context, authentication.Caller, request, Outcome(refusal)), refusal);
        throw refusal;
    }

    /// <summary>Records an admitted call, if its kind is recorded.</summary>
    /// <param name="failure">Null if it succeeded.</param>
    public Task RecordAsync(ServerCallContext context, object? request, Exception? failure)
    {
        if (!RpcRoles.Table.TryGetValue(context.Method, out var rule) || !rule.Audited)
        {
            return Task.CompletedTask;
        }

        var caller = context.Caller();
        var entry = Entry(context, caller, request, failure is null ? "OK" : Outcome(failure));
        return failure is not null && caller.Kind == CallerKind.Anonymous ? audit.RecordDeniedAsync(entry) : audit.RecordAsync(entry);
    }

    /// <summary>The address without its port; an IPv4 address as such, even on a socket for both families.</summary>
    public static string AddressOf(IPAddress? address) =>
        address is null ? "unknown" : (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();

    private Task<Authentication> AuthenticateAsync(HttpContext http, RpcRule rule, CancellationToken cancellationToken) =>
        authenticator.AuthenticateAsync(
            // Not read from the call's metadata, which throws if any binary entry in it is broken.
            http.Request.Headers.Authorization.LastOrDefault(),
            http.Connection.ClientCertificate,
            AddressOf(http.Connection.RemoteIpAddress),
            rule.AllowsExpiredHost,
            cancellationToken);

    private async Task NoteRefusalAsync(AuditRecord entry, RpcException refusal)
    {
        CoordinatorMeter.AuthRefused.Add(1);
        log.Refused(EscapedText.Escape(entry.What, 120), entry.From, refusal.Status.Detail);
        await audit.RecordDeniedAsync(entry);
    }

    private static RpcException? Refusal(RpcRule rule, Authentication authentication)
    {
        if (rule.Least == LeastRole.Anonymous)
        {
            return null;
        }

        if (authentication.Failure is not null)
        {
            return authentication.Failure;
        }

        var caller = authentication.Caller;
        return caller.Kind switch
        {
            CallerKind.Anonymous => FleetError.Create(
                StatusCode.Unauthenticated,
                Reason.NoIdentity,
                rule.Least == LeastRole.Host ? "this call needs a host's client certificate" : "this call needs an identity",
                rule.Least == LeastRole.Host
                    ? "Enrol the host (fleet-agent enroll)."
                    : "Send the metadata \"authorization: Bearer TOKEN\" or use a client certificate. fleet looks for its credential in " +
                      "--credential, $FLEET_CREDENTIAL and ~/.config/fleet/credential.json."),
            CallerKind.Host when rule.Least != LeastRole.Host => TooLow("hosts may not call this"),
            CallerKind.Operator when rule.Least == LeastRole.Host => TooLow("only hosts may call this"),
            CallerKind.Operator when RoleOf(caller.Role) < rule.Least => TooLow(
                $"the role of {caller.Name} is {RoleOf(caller.Role)!.ToString()!.ToLowerInvariant()}, this call needs "
                + $"{rule.Least.ToString().ToLowerInvariant()}"),
            _ => null,
        };
    }

    private static LeastRole? RoleOf(Role role) => role switch
    {
        Role.Viewer => LeastRole.Viewer,
        Role.Operator => LeastRole.Operator,
        Role.Admin => LeastRole.Admin,
        _ => LeastRole.Anonymous,
    };

    private static RpcException TooLow(string message) => FleetError.Create(
        StatusCode.PermissionDenied, Reason.RoleTooLow, message, "Ask an admin for a credential with a higher role.");

    private static RpcException NotInTable(string method) => FleetError.Create(
        StatusCode.PermissionDenied, Reason.RoleTooLow, $"nobody may call {EscapedText.Escape(method, 120)}");

    private static AuditRecord Entry(ServerCallContext context, CallerIdentity caller, object? request, string outcome)
    {
        var (subject, detail) = RequestSummary.Of(request);
        var note = AuditNote.Of(context);
        return new AuditRecord(note.Who ?? caller.Who, caller.Address, context.Method, note.Subject ?? subject, outcome, detail);
    }

    private static string Outcome(Exception failure)
    {
        if (failure is not RpcException rpc)
        {
            return failure is OperationCanceledException ? "CANCELLED" : "INTERNAL";
        }

        var reason = rpc.Trailers.GetValue(FleetError.ReasonTrailer);
        var code = StatusNames.Of(rpc.StatusCode);
        return reason is null ? code : $"{code} {reason}";
    }
}
