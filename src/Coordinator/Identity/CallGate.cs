using System.Net;
using System.Security.Cryptography.X509Certificates;
using Fleet.Coordinator.Audit;
using Fleet.Coordinator.Errors;
using Fleet.Coordinator.Metrics;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Coordinator.Identity;

/// <summary>Lets a call in or refuses it, by <see cref="RpcRoles"/>, and sees to it that the audit log hears of it.</summary>
internal sealed class CallGate(CallerAuthenticator authenticator, AuditLog audit, ILogger<CallGate> log)
{
    private static readonly RpcRule Closed = new(LeastRole.Admin, Audited: true);

    /// <summary>Who calls, when the call may go on; puts the caller into its user state.</summary>
    /// <param name="request">For the audit log. Null for streams.</param>
    /// <exception cref="RpcException">The call is refused.</exception>
    public async Task<Authentication> AdmitAsync(ServerCallContext context, object? request)
    {
        var http = context.GetHttpContext();
        context.UserState["__HttpContext"] = http; // For GetHttpContext of a wrapped context.
        var known = RpcRoles.Table.TryGetValue(context.Method, out var rule);
        rule ??= Closed;
        var authentication = await authenticator.AuthenticateAsync(
            // Not from the call's metadata, which throws when a binary entry of it, whatever its name, is broken.
            http.Request.Headers.Authorization.LastOrDefault(),
            Certificate(http),
            AddressOf(http.Connection.RemoteIpAddress),
            rule.AllowsExpiredHost,
            context.CancellationToken);
        context.UserState[ServerCallContextExtensions.CallerKey] = authentication.Caller;

        var refusal = known ? Refusal(rule, authentication) : NotInTable(context.Method);
        if (refusal is null)
        {
            return authentication;
        }

        var caller = authentication.Caller;
        CoordinatorMeter.AuthRefused.Add(1);
        IdentityLog.Refused(log, AuditText.Escape(context.Method, 120), caller.Address, refusal.Status.Detail);
        await audit.RecordDeniedAsync(Entry(context, caller, request, Outcome(refusal)));
        throw refusal;
    }

    /// <summary>Records a call that was let in, if its kind is recorded.</summary>
    /// <param name="failure">Null: it succeeded.</param>
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

    /// <summary>Without port; IPv4 addresses as such, even on a socket for both families.</summary>
    public static string AddressOf(IPAddress? address) =>
        address is null ? "unknown" : (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();

    private static X509Certificate2? Certificate(HttpContext http) => http.Connection.ClientCertificate;

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
                $"the role of {caller.Name} is {RoleOf(caller.Role)!.ToString()!.ToLowerInvariant()}, this call needs {rule.Least.ToString().ToLowerInvariant()}"),
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
        StatusCode.PermissionDenied, Reason.RoleTooLow, $"nobody may call {AuditText.Escape(method, 120)}");

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
