using Grpc.Core;

namespace Fleet.Coordinator.Identity;

/// <summary>The result of authenticating a call: a caller, or why the credential that was shown is not valid.</summary>
/// <param name="Caller">Anonymous if no credential was shown or it was not valid.</param>
/// <param name="Failure">Null if the credential is valid or none was shown.</param>
/// <param name="ValidUntil">When the credential expires; null for an anonymous caller.</param>
internal sealed record Authentication(CallerIdentity Caller, RpcException? Failure = null, DateTimeOffset? ValidUntil = null);
