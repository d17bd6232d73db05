using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Actions;

/// <summary>
/// The action of a policy as one host gets it, with its placeholders replaced. The only way from a spec to a host, both for runs that
/// are sent and for the assignments that agents keep on disk. Pure.
/// </summary>
internal static class HostAction
{
    public static Protocol.V1.Action Of(Protocol.V1.Action action, string host, string policy)
    {
        var expanded = action.Clone();
        switch (expanded.KindCase)
        {
            case Protocol.V1.Action.KindOneofCase.Rsync:
                Expand(expanded.Rsync.Source, host, policy);
                Expand(expanded.Rsync.Destination, host, policy);
                break;
            case Protocol.V1.Action.KindOneofCase.ZfsReplicate:
                expanded.ZfsReplicate.Target = PathPlaceholders.Expand(expanded.ZfsReplicate.Target, host, policy);
                break;
            default:
                return action;
        }

        return expanded;
    }

    private static void Expand(RsyncEndpoint? endpoint, string host, string policy)
    {
        if (endpoint is not null)
        {
            endpoint.Path = PathPlaceholders.Expand(endpoint.Path, host, policy);
            endpoint.RequiredMount = PathPlaceholders.Expand(endpoint.RequiredMount, host, policy);
        }
    }
}
