using Grpc.Core;

namespace Fleet.Coordinator.Identity;

/// <summary>What came of asking who calls: a caller, or why the credential that was shown is not good.</summary>
/// <param name="Caller">Anonymous when nothing was shown, or when it was not good.</param>
/// <param name="Failure">Null if nothing is wrong with what was shown, if anything.</param>
/// <param name="ValidUntil">When the credential ends; null for nobody.</param>
internal sealed record Authentication(CallerIdentity Caller, RpcException? Failure = null, DateTimeOffset? ValidUntil = null);
