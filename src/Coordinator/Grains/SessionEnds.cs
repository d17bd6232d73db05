using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Coordinator.Grains;

/// <summary>Ends of sessions that are used in more than one place.</summary>
internal static class SessionEnds
{
    public static readonly SessionEnd Replaced = new(
        (int)StatusCode.Aborted, (int)Reason.Unavailable, "a newer session of this host has taken this one's place", "");

    public static readonly SessionEnd GoingAway = new(
        (int)StatusCode.Unavailable, (int)Reason.Unavailable, "the coordinator is shutting down", "reconnect after a random pause");

    public static SessionEnd Revoked(string host) => new(
        (int)StatusCode.Unauthenticated,
        (int)Reason.IdentityRevoked,
        $"{host} was removed from the fleet",
        "to add it again, enrol it with a new token from `fleet token create`");
}
