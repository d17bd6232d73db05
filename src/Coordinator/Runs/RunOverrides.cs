using System.Text.RegularExpressions;
using Fleet.Actions;
using Fleet.Coordinator.Errors;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Runs;

/// <summary>
/// What an operator may change for a single run of a policy: make it a dry run, or confirm the plan of an earlier run.
/// </summary>
internal static partial class RunOverrides
{
    /// <summary>The policy's action with the changes of the request.</summary>
    /// <exception cref="Grpc.Core.RpcException">This action cannot do that.</exception>
    public static Protocol.V1.Action Of(Protocol.V1.Action action, StartRunRequest request)
    {
        if (!request.DryRun && request.Confirmation.Length == 0 && request.AssumedNow is null)
        {
            return action;
        }

        var kind = ActionKinds.Of(action);
        var changed = action.Clone();
        if (request.DryRun)
        {
            if (kind is not { HasDryRun: true })
            {
                throw FleetError.InvalidArgument("dry_run", "this policy's action has no dry run");
            }

            changed.MakeDryRun();
        }

        if (request.Confirmation.Length > 0)
        {
            if (!ConfirmationPattern().IsMatch(request.Confirmation))
            {
                throw FleetError.InvalidArgument("confirmation", "must be the 16 digits that a run printed when it asked");
            }

            if (kind is not { Confirms: true })
            {
                throw FleetError.InvalidArgument(
                    "confirmation", $"the action of this policy never asks: only {Names(static kind => kind.Confirms, "and")} do");
            }

            changed.Confirm(request.Confirmation);
        }

        if (request.AssumedNow is { } now)
        {
            if (kind is not { AssumesTime: true } || !request.DryRun)
            {
                throw FleetError.InvalidArgument(
                    "assumed_now", $"only a dry run of {Names(static kind => kind.AssumesTime, "or")} can assume another time");
            }

            changed.AssumeTime(now);
        }

        return changed;
    }

    /// <summary>"a, b and c".</summary>
    private static string Names(Func<ActionKind, bool> which, string conjunction)
    {
        var names = ActionKinds.All.Where(which).Select(static kind => kind.Name).ToList();
        return names.Count == 1 ? names[0] : $"{string.Join(", ", names.SkipLast(1))} {conjunction} {names[^1]}";
    }

    [GeneratedRegex("^[0-9a-f]{16}\\z")]
    private static partial Regex ConfirmationPattern();
}
