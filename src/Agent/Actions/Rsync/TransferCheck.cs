using Fleet.Agent.Files;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Rsync;

/// <summary>What came of looking at both sides before a transfer.</summary>
internal sealed record TransferCheck
{
    /// <summary>Null to go ahead.</summary>
    public ActionResult? Stop { get; private init; }

    /// <summary>The local destination. Null if it is remote.</summary>
    public GuardedPath? Destination { get; private init; }

    public static TransferCheck GoAhead(GuardedPath? destination) => new() { Destination = destination };

    /// <summary>It would not be safe, whatever the coordinator says.</summary>
    /// <param name="rule">For refused_by.</param>
    public static TransferCheck Refuse(string rule, string message) => new()
    {
        Stop = ToolOutcome.RefusedAsUnsafe($"rsync safety rule \"{rule}\"", message),
    };

    /// <summary>Whether it would be safe could not be found out.</summary>
    public static TransferCheck Fail(string message, bool retryable) => new() { Stop = ToolOutcome.Failed(message, retryable) };
}
