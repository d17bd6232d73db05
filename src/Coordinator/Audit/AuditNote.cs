using Grpc.Core;

namespace Fleet.Coordinator.Audit;

/// <summary>What a handler knows better than the interceptor about the call that is going to be recorded.</summary>
internal sealed class AuditNote
{
    private const string Key = "fleet.audit";

    /// <summary>Instead of the caller, for example "token:ID".</summary>
    public string? Who { get; set; }

    /// <summary>What it was done to, when the request does not say.</summary>
    public string? Subject { get; set; }

    /// <summary>The note of this call; made when first asked for.</summary>
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
