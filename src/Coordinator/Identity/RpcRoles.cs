using System.Collections.Frozen;

namespace Fleet.Coordinator.Identity;

/// <summary>
/// The table of who may call what. A method that is not in it is refused. A test compares it with the served services and
/// with the comments in proto/fleet/v1.
/// </summary>
internal static class RpcRoles
{
    public static readonly FrozenDictionary<string, RpcRule> Table = new Dictionary<string, RpcRule>
    {
        ["/fleet.v1.AgentService/GetAuthority"] = new(LeastRole.Anonymous),
        ["/fleet.v1.AgentService/Enroll"] = new(LeastRole.Anonymous, Audited: true),
        ["/fleet.v1.AgentService/Renew"] = new(LeastRole.Host, Audited: true, AllowsExpiredHost: true),
        ["/fleet.v1.AgentService/Session"] = new(LeastRole.Host),

        ["/fleet.v1.FleetService/GetStatus"] = new(LeastRole.Viewer),
        ["/fleet.v1.FleetService/ListHosts"] = new(LeastRole.Viewer),
        ["/fleet.v1.FleetService/GetHost"] = new(LeastRole.Viewer),
        ["/fleet.v1.FleetService/ClearDuplicateIdentity"] = new(LeastRole.Operator, Audited: true),
        ["/fleet.v1.FleetService/ListPolicies"] = new(LeastRole.Viewer),
        ["/fleet.v1.FleetService/GetPolicy"] = new(LeastRole.Viewer),
        ["/fleet.v1.FleetService/ApplyPolicies"] = new(LeastRole.Operator, Audited: true),
        ["/fleet.v1.FleetService/DeletePolicy"] = new(LeastRole.Operator, Audited: true),
        ["/fleet.v1.FleetService/StartRun"] = new(LeastRole.Operator, Audited: true),
        ["/fleet.v1.FleetService/StartAction"] = new(LeastRole.Operator, Audited: true),
        ["/fleet.v1.FleetService/ListRuns"] = new(LeastRole.Viewer),
        ["/fleet.v1.FleetService/GetRun"] = new(LeastRole.Viewer),
        ["/fleet.v1.FleetService/WatchRun"] = new(LeastRole.Viewer),
        ["/fleet.v1.FleetService/CancelRun"] = new(LeastRole.Operator, Audited: true),
        ["/fleet.v1.FleetService/ListRunLog"] = new(LeastRole.Viewer),
        ["/fleet.v1.FleetService/ListSnapshots"] = new(LeastRole.Viewer),
        ["/fleet.v1.FleetService/GetStorage"] = new(LeastRole.Viewer),
        ["/fleet.v1.FleetService/GetLatestMetrics"] = new(LeastRole.Viewer),
        ["/fleet.v1.FleetService/QueryMetrics"] = new(LeastRole.Viewer),

        ["/fleet.v1.EventService/Subscribe"] = new(LeastRole.Viewer),

        ["/fleet.v1.AdminService/CreateJoinToken"] = new(LeastRole.Admin, Audited: true),
        ["/fleet.v1.AdminService/ListJoinTokens"] = new(LeastRole.Admin),
        ["/fleet.v1.AdminService/RevokeJoinToken"] = new(LeastRole.Admin, Audited: true),
        ["/fleet.v1.AdminService/CreateOperator"] = new(LeastRole.Admin, Audited: true),
        ["/fleet.v1.AdminService/ListOperators"] = new(LeastRole.Admin),
        ["/fleet.v1.AdminService/RemoveOperator"] = new(LeastRole.Admin, Audited: true),
        ["/fleet.v1.AdminService/WhoAmI"] = new(LeastRole.Viewer),
        ["/fleet.v1.AdminService/RemoveHost"] = new(LeastRole.Admin, Audited: true),
        ["/fleet.v1.AdminService/AcceptClock"] = new(LeastRole.Admin, Audited: true),
        ["/fleet.v1.AdminService/ListAudit"] = new(LeastRole.Admin),

        ["/grpc.health.v1.Health/Check"] = new(LeastRole.Anonymous),
        ["/grpc.health.v1.Health/List"] = new(LeastRole.Anonymous),
        ["/grpc.health.v1.Health/Watch"] = new(LeastRole.Anonymous),

        ["/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"] = new(LeastRole.Viewer),
        ["/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"] = new(LeastRole.Viewer),
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
