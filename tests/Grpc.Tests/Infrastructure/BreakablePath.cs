using System.Net;
using System.Net.Sockets;

namespace Fleet.Grpc.Tests.Infrastructure;

/// <summary>Relays TCP connections to a port of this machine, until it is told to swallow what comes, or to cut them.</summary>
internal sealed class BreakablePath : IAsyncDisposable
{
    private TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<TcpClient> _connections = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly int _port;
    private readonly int _to;
    private Task _accepting;
    private volatile bool _broken;

    private BreakablePath(int port)
    {
        _listener.Start();
        _to = port;
        _port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        Address = $"http://127.0.0.1:{_port}";
        _accepting = AcceptAsync();
    }

    public string Address { get; }

    public static BreakablePath To(int port) => new(port);

    /// <summary>From now on nothing gets through, and nobody is told.</summary>
    public void Break() => _broken = true;

    /// <summary>Refuses connections until it is opened again.</summary>
    public void Close()
    {
        _listener.Stop();
        Cut();
    }

    public void Open()
    {
        _listener = new TcpListener(IPAddress.Loopback, _port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Closes the connections there are; new ones get through.</summary>
    public void Cut()
    {
        lock (_connections)
        {
            foreach (var connection in _connections)
            {
                connection.Client.Close(0);
            }

            _connections.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting.InTimeAsync();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptTcpClientAsync(_stop.Token);
                var far = new TcpClient();
                await far.ConnectAsync(IPAddress.Loopback, _to, _stop.Token);
                lock (_connections)
                {
                    _connections.AddRange([near, far]);
                }

                _ = RelayAsync(near, far);
                _ = RelayAsync(far, near);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task RelayAsync(TcpClient from, TcpClient to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (true)
            {
                var read = await from.GetStream().ReadAsync(buffer, _stop.Token);
                if (read == 0)
                {
                    return;
                }

                if (!_broken)
                {
                    await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _stop.Token);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
        }
    }
}
