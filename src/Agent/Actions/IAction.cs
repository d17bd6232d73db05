using Fleet.Actions;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions;

/// <summary>
/// Something that an agent can do. By the time it is called, the guard has allowed it and the journal has recorded the attempt.
/// An action repeated with the same run id must not change anything more than the first time.
/// </summary>
internal interface IAction
{
    /// <summary>As in Hello.allowed_actions: "zfs.snapshot".</summary>
    string Name => ActionKinds.Of(Kind).WireName;

    /// <summary>The case of <see cref="Protocol.V1.Action"/> that this action carries out.</summary>
    Protocol.V1.Action.KindOneofCase Kind { get; }

    /// <summary>
    /// Does the work and classifies what came of it. Expected failures are outcomes, not exceptions. The caller fills
    /// started_at, finished_at, duration and log_tail; the action fills all other fields (<see cref="ToolOutcome"/> helps).
    /// </summary>
    /// <param name="cancellationToken">
    /// Cancelled when an operator cancels the run or the agent stops. The tool's timeout is not in it: pass
    /// <see cref="ActionContext.Timeout"/> to the tool runner.
    /// </param>
    Task<ActionResult> RunAsync(ActionContext context, CancellationToken cancellationToken);
}
