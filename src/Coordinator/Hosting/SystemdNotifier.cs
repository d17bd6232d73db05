using System.Net.Sockets;
using Microsoft.Extensions.Hosting.Systemd;

namespace Fleet.Coordinator.Hosting;

/// <summary>
/// Notifies systemd of the service's state (sd_notify(3)). UseSystemd is not used, because it sends READY=1 when the host has started,
/// whatever the store does, and has no watchdog.
/// </summary>
internal sealed partial class SystemdNotifier(ILogger<SystemdNotifier> log)
{
    private readonly Microsoft.Extensions.Hosting.Systemd.SystemdNotifier _inner = new();

    /// <summary>Does nothing if the process was not started by systemd.</summary>
    public void Send(string state)
    {
        try
        {
            _inner.Notify(new ServiceState(state));
        }
        catch (SocketException exception)
        {
            NotifyFailed(log, exception);
        }
    }
}
