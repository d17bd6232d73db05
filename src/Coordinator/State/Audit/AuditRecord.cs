namespace Fleet.Coordinator.State.Audit;

/// <summary>Something that somebody did or tried; corresponds to AuditEntry in proto/fleet/v1/admin.proto.</summary>
/// <param name="Who">"operator:NAME", "host:ID", "token:ID" or "anonymous".</param>
/// <param name="From">Address of the peer.</param>
/// <param name="What">Full method name.</param>
/// <param name="Subject">Name or id of the thing that was acted on.</param>
/// <param name="Outcome">"OK", or the status code's name and the reason.</param>
/// <param name="Detail">A summary of the request, without secrets.</param>
internal sealed record AuditRecord(string Who, string From, string What, string Subject, string Outcome, string Detail);
