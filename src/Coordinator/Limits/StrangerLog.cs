namespace Fleet.Coordinator.Limits;

/// <summary>Writes the log lines that are caused by strangers and refused hosts.</summary>
internal sealed partial class StrangerLog(TimeProvider clock, ILogger<StrangerLog> log)
{
    public const int PerAddressAndMinute = 10;
    public const int PerMinute = 100;

    private readonly StrangerBudget _budget = new(PerAddressAndMinute, PerMinute, clock);

    /// <summary>Logs that a call was refused, or counts it.</summary>
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

    /// <summary>Logs that a host's session was refused, or counts it.</summary>
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

    /// <summary>Logs that a connection was closed to make room, or counts it.</summary>
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
