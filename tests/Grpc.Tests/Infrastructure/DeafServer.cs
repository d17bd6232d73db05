using System.Net;
using System.Net.Sockets;

namespace Fleet.Grpc.Tests.Infrastructure;

/// <summary>
/// A peer that accepts a connection, sends what it is given, reads the beginning and then never again: the sender's socket fills up, and no
/// window is ever opened again.
/// </summary>
internal sealed class DeafServer : IDisposable
{
    /// <summary>Less than any window lets through, more than what comes before the first message.</summary>
    private const int BeginningBytes = 32 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<TcpClient> _connections = [];
    private readonly TaskCompletionSource _deaf = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private DeafServer(byte[] greeting)
    {
        // Small, so that it is soon full. Inherited by the connections that are accepted.
        _listener.Server.ReceiveBufferSize = 4096;
        _listener.Start();
        Address = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _ = AcceptAsync(greeting);
    }

    /// <summary>
    /// HTTP/2 SETTINGS (RFC 9113, 6.5) without any setting, and a window of nearly 2 GiB for the connection: only TCP limits the sender.
    /// </summary>
    public static byte[] OpenWindow { get; } =
    [
        0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0x7f, 0xff, 0xff, 0xff, // SETTINGS: INITIAL_WINDOW_SIZE = 2^31 - 1
        0, 0, 4, 8, 0, 0, 0, 0, 0, 0x7f, 0xff, 0, 0, // WINDOW_UPDATE of the connection
    ];

    /// <summary>SETTINGS without any setting: the window stays at 64 KiB - 1.</summary>
    public static byte[] DefaultWindow { get; } = [0, 0, 0, 4, 0, 0, 0, 0, 0];

    public string Address { get; }

    /// <summary>The first connection has sent its beginning: from now on nobody listens.</summary>
    public Task IsDeaf => _deaf.Task;

    /// <param name="greeting">Sent to everybody who connects.</param>
    public static DeafServer Start(byte[] greeting) => new(greeting);

    public void Dispose()
    {
        _listener.Stop();
        lock (_connections)
        {
            _connections.ForEach(static connection => connection.Dispose());
        }
    }

    private async Task AcceptAsync(byte[] greeting)
    {
        try
        {
            while (true)
            {
                var connection = await _listener.AcceptTcpClientAsync();
                lock (_connections)
                {
                    _connections.Add(connection);
                }

                await connection.GetStream().WriteAsync(greeting);
                await connection.GetStream().ReadExactlyAsync(new byte[BeginningBytes]);
                _deaf.TrySetResult();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
        }
    }
}
