using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Fleet.Agent.Logging;

namespace Fleet.Agent.Systemd;

/// <summary>
/// Tells systemd how this service stands: sd_notify(3). Without NOTIFY_SOCKET every call does nothing; a service manager that
/// not accepting a message is no reason to stop working.
/// </summary>
internal sealed class ServiceManager : IDisposable
{
    private readonly Socket? _socket;
    private readonly UnixDomainSocketEndPoint? _address;
    private string _status = "";

    /// <param name="notifySocket">Path, or '@' and an abstract name. Null or empty if not under systemd.</param>
    /// <param name="watchdogMicroseconds">WATCHDOG_USEC. Null or empty if there is no watchdog.</param>
    public ServiceManager(string? notifySocket, string? watchdogMicroseconds)
    {
        if (!string.IsNullOrEmpty(notifySocket))
        {
            _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            _address = new UnixDomainSocketEndPoint(notifySocket[0] == '@' ? "\0" + notifySocket[1..] : notifySocket);
        }

        if (long.TryParse(watchdogMicroseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0)
        {
            WatchdogInterval = TimeSpan.FromMicroseconds(microseconds);
        }
    }

    /// <summary>systemd restarts the service after this long without <see cref="Watchdog"/>. Null if never.</summary>
    public TimeSpan? WatchdogInterval { get; }

    public static ServiceManager ForThisProcess() =>
        new(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"), Environment.GetEnvironmentVariable("WATCHDOG_USEC"));

    public void Ready() => Send("READY=1");

    public void Watchdog() => Send("WATCHDOG=1");

    public void Stopping() => Send("STOPPING=1");

    /// <summary>Type=notify-reload wants the monotonic time of the start of a reload, in microseconds.</summary>
    public void Reloading(TimeProvider time)
    {
        var microseconds = (long)(time.GetTimestamp() * (1_000_000.0 / time.TimestampFrequency));
        Send(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={microseconds}"));
    }

    /// <summary>One line, shown by systemctl status. Sent only when it changed.</summary>
    public void Status(string text)
    {
        if (_status != text)
        {
            _status = text;
            Send($"STATUS={LogText.Escape(text)}");
        }
    }

    public void Dispose() => _socket?.Dispose();

    private void Send(string message)
    {
        if (_socket is null)
        {
            return;
        }

        try
        {
            _socket.SendTo(Encoding.UTF8.GetBytes(message), _address!);
        }
        catch (SocketException)
        {
            // See the class's comment.
        }
    }
}
