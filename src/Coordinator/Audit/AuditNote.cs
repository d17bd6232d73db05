using Grpc.Core;

namespace Fleet.Coordinator.Audit;

/// <summary>What a handler knows better than the interceptor about the call to be recorded.</summary>
internal sealed class AuditNote
{
    private const string Key = "fleet.audit";

    /// <summary>Recorded in place of the caller, for example "token:ID".</summary>
    public string? Who { get; set; }

    /// <summary>What the call changed, if the request does not say.</summary>
    public string? Subject { get; set; }

    /// <summary>The note of this call, created on first use.</summary>
    public static AuditNote Of(ServerCallContext context)
    {
        if (context.UserState.TryGetValue(Key, out var value) && value is AuditNote note)
        {
            return note;
        }

        note = new AuditNote();
        context.UserState[Key] = note;
        return note;
    }
}
