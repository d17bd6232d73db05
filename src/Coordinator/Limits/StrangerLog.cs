namespace Fleet.Coordinator.Limits;

/// <summary>Lines of this process's log that strangers, and hosts that are refused, cause.</summary>
internal sealed partial class StrangerLog(TimeProvider clock, ILogger<StrangerLog> log)
{
    public const int PerAddressAndMinute = 10;
    public const int PerMinute = 100;

    private readonly StrangerBudget _budget = new(PerAddressAndMinute, PerMinute, clock);

    /// <summary>Writes that a call was refused, or counts it.</summary>
    public void Refused(string method, string address, string message)
    {
        if (!_budget.TryTake(address, out var leftOut))
        {
            return;
        }

        if (leftOut > 0)
        {
            LeftOut(log, leftOut);
        }

        Refused(log, method, address, message);
    }

    /// <summary>Writes that a host's session was refused, or counts it.</summary>
    public void SessionRefused(string hostId, string address, string reason)
    {
        if (!_budget.TryTake(address, out var leftOut))
        {
            return;
        }

        if (leftOut > 0)
        {
            LeftOut(log, leftOut);
        }

        SessionRefused(log, hostId, reason);
    }

    /// <summary>Writes that a connection was closed to make room, or counts it.</summary>
    public void ConnectionClosed(string address, string reason)
    {
        if (!_budget.TryTake(address, out var leftOut))
        {
            return;
        }

        if (leftOut > 0)
        {
            LeftOut(log, leftOut);
        }

        ConnectionClosed(log, address, reason);
    }
}
