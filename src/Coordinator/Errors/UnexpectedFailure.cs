using System.Diagnostics;
using Grpc.Core;
using Reason = Fleet.Protocol.V1.Reason;

namespace Fleet.Coordinator.Errors;

/// <summary>
/// The answer to unexpected failures (a bug, a broken store): INTERNAL with a trace id to look up in the log, as error.proto promises. A
/// grain that does not answer gives UNAVAILABLE. The exception itself goes only to the log: its text may contain what the caller has no
/// business knowing.
/// </summary>
internal sealed partial class UnexpectedFailure(ILogger<UnexpectedFailure> log)
{
    public RpcException Answer(string method, Exception exception)
    {
        if (exception is OrleansException or TimeoutException)
        {
            // A grain did not answer in time, or its silo refuses: another attempt may well succeed.
            LogNoAnswer(log, method, exception);
            return FleetError.Create(
                StatusCode.Unavailable,
                Reason.Unavailable,
                "a part of the coordinator did not answer",
                "Ask again in a few seconds; if this persists: journalctl -u fleet-coordinator");
        }

        var traceId = Activity.Current?.TraceId.ToHexString() ?? ActivityTraceId.CreateRandom().ToHexString();
        Log(log, method, traceId, exception);
        return FleetError.Create(
            StatusCode.Internal,
            Reason.Internal,
            $"the coordinator could not do this; its log says more under {traceId}",
            $"On the coordinator: journalctl -u fleet-coordinator | grep {traceId}");
    }
}
