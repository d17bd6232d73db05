using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Coordinator.Identity;

/// <summary>Reads the caller that the authorising interceptor has put into a call.</summary>
internal static class ServerCallContextExtensions
{
    /// <summary>Key in <see cref="ServerCallContext.UserState"/> under which the interceptor puts the caller.</summary>
    public const string CallerKey = "fleet.caller";

    /// <summary>The caller. Never null: without an entry by the interceptor, it is anonymous.</summary>
    public static CallerIdentity Caller(this ServerCallContext context) =>
        context.UserState.TryGetValue(CallerKey, out var caller) && caller is CallerIdentity identity
            ? identity
            : new CallerIdentity(CallerKind.Anonymous, "", "", Role.Unspecified, "");
}
