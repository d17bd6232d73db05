using System.Net.Sockets;
using System.Text;

namespace Fleet.Coordinator.Hosting;

/// <summary>sd_notify(3), without the library: datagrams to the socket that systemd names.</summary>
internal sealed class SystemdNotifier(ILogger<SystemdNotifier> log) : IDisposable
{
    private readonly Socket? _socket = Connect(log);

    /// <summary>Does nothing when the process was not started by systemd.</summary>
    public void Send(string state)
    {
        try
        {
            _socket?.Send(Encoding.UTF8.GetBytes(state));
        }
        catch (SocketException exception)
        {
            HostingLog.NotifyFailed(log, exception);
        }
    }

    public void Dispose() => _socket?.Dispose();

    private static Socket? Connect(ILogger log)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 1 } path)
        {
            return null;
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            // "@" stands for the abstract namespace's leading NUL: sd_notify(3).
            socket.Connect(new UnixDomainSocketEndPoint(path[0] == '@' ? "\0" + path[1..] : path));
            return socket;
        }
        catch (SocketException exception)
        {
            HostingLog.NotifyFailed(log, exception);
            socket.Dispose();
            return null;
        }
    }
}
