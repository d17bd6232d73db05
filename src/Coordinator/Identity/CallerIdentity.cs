using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Identity;

/// <summary>Who a call comes from, as determined by the authorising interceptor.</summary>
/// <param name="Kind">Host, operator or anonymous.</param>
/// <param name="Id">The host's id, or the operator's name. Empty if anonymous.</param>
/// <param name="Name">The host's name, or the operator's name. Empty if anonymous.</param>
/// <param name="Role">The operator's role; unspecified for hosts and anonymous callers.</param>
/// <param name="Address">The peer's address without its port.</param>
internal sealed record CallerIdentity(CallerKind Kind, string Id, string Name, Role Role, string Address)
{
    /// <summary>The caller's name in the audit log: "operator:NAME", "host:ID" or "anonymous".</summary>
    public string Who => Kind switch
    {
        CallerKind.Host => $"host:{Id}",
        CallerKind.Operator => $"operator:{Name}",
        _ => "anonymous",
    };
}
