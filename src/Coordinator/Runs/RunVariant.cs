using System.Text.RegularExpressions;
using Fleet.Coordinator.Errors;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Runs;

/// <summary>What an operator may ask for a single run of a policy: to only say what it would do, or to go on with what it asked about.</summary>
internal static partial class RunVariant
{
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
            Confirm(variant, request.Confirmation);
        }

        if (request.AssumedNow is { } now)
        {
            Assume(variant, request.DryRun, now);
        }

        return variant;
    }

    private static void Confirm(Protocol.V1.Action action, string confirmation)
    {
        if (!ConfirmationPattern().IsMatch(confirmation))
        {
            throw FleetError.InvalidArgument("confirmation", "must be the 16 digits that a run printed when it asked");
        }

        switch (action.KindCase)
        {
            case Protocol.V1.Action.KindOneofCase.ZfsPrune:
                action.ZfsPrune.Confirmation = confirmation;
                break;
            case Protocol.V1.Action.KindOneofCase.LvmPrune:
                action.LvmPrune.Confirmation = confirmation;
                break;
            case Protocol.V1.Action.KindOneofCase.Rsync:
                action.Rsync.Confirmation = confirmation;
                break;
            default:
                throw FleetError.InvalidArgument("confirmation", "the action of this policy never asks: only rsync, zfs_prune and lvm_prune do");
        }
    }

    private static void Assume(Protocol.V1.Action action, bool isDryRun, Timestamp now)
    {
        switch (action.KindCase)
        {
            case Protocol.V1.Action.KindOneofCase.ZfsPrune when isDryRun:
                action.ZfsPrune.AssumedNow = now;
                break;
            case Protocol.V1.Action.KindOneofCase.LvmPrune when isDryRun:
                action.LvmPrune.AssumedNow = now;
                break;
            default:
                throw FleetError.InvalidArgument("assumed_now", "only a dry run of zfs_prune or lvm_prune can assume another time");
        }
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
            case Protocol.V1.Action.KindOneofCase.ZfsReplicate:
                action.ZfsReplicate.DryRun = true;
                break;
            case Protocol.V1.Action.KindOneofCase.ZfsScrub:
                action.ZfsScrub.DryRun = true;
                break;
            case Protocol.V1.Action.KindOneofCase.LvmSnapshot:
                action.LvmSnapshot.DryRun = true;
                break;
            case Protocol.V1.Action.KindOneofCase.LvmPrune:
                action.LvmPrune.DryRun = true;
                break;
            default:
                throw FleetError.InvalidArgument("dry_run", "this policy's action has no dry run");
        }
    }

    [GeneratedRegex("^[0-9a-f]{16}\\z")]
    private static partial Regex ConfirmationPattern();
}
