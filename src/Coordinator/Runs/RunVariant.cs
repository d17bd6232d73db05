using Fleet.Coordinator.Errors;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Runs;

/// <summary>What an operator may ask for a single run of a policy: to only say what it would do, or to go on with what it asked about.</summary>
internal static class RunVariant
{
    public static bool IsDryRun(Protocol.V1.Action action) =>
        action.Rsync is { DryRun: true } || action.ZfsSnapshot is { DryRun: true } || action.ZfsPrune is { DryRun: true } || action.LvmSnapshot is { DryRun: true };

    /// <summary>The policy's action as the request wants it.</summary>
    /// <exception cref="Grpc.Core.RpcException">This action cannot do that.</exception>
    public static Protocol.V1.Action Of(Protocol.V1.Action action, StartRunRequest request)
    {
        if (!request.DryRun && request.Confirmation.Length == 0 && request.AssumedNow is null)
        {
            return action;
        }

        var variant = action.Clone();
        if (request.DryRun)
        {
            MakeDry(variant);
        }

        if (request.Confirmation.Length > 0)
        {
            (variant.ZfsPrune ?? throw FleetError.InvalidArgument("confirmation", "this policy's action asks nothing")).Confirmation = request.Confirmation;
        }

        if (request.AssumedNow is { } now)
        {
            if (!request.DryRun || variant.ZfsPrune is null)
            {
                throw FleetError.InvalidArgument("assumed_now", "only a dry run of zfs_prune can assume another time");
            }

            variant.ZfsPrune.AssumedNow = now;
        }

        return variant;
    }

    private static void MakeDry(Protocol.V1.Action action)
    {
        switch (action.KindCase)
        {
            case Protocol.V1.Action.KindOneofCase.Rsync:
                action.Rsync.DryRun = true;
                break;
            case Protocol.V1.Action.KindOneofCase.ZfsSnapshot:
                action.ZfsSnapshot.DryRun = true;
                break;
            case Protocol.V1.Action.KindOneofCase.ZfsPrune:
                action.ZfsPrune.DryRun = true;
                break;
            case Protocol.V1.Action.KindOneofCase.LvmSnapshot:
                action.LvmSnapshot.DryRun = true;
                break;
            default:
                throw FleetError.InvalidArgument("dry_run", "this policy's action has no dry run");
        }
    }
}
