using System.Net.Sockets;
using System.Text;
using Fleet.Cli.Outcomes;

namespace Fleet.Cli.Connection;

/// <summary>
/// Finds out whether a port on which TLS failed speaks plain HTTP. If so, the port is wrong, and no certificate is to blame.
/// </summary>
internal static class PlainHttp
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static async Task<bool> AnswersAsync(Uri address, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            using var connection = new TcpClient();
            await connection.ConnectAsync(address.DnsSafeHost, address.Port, patience.Token);
            var stream = connection.GetStream();
            await stream.WriteAsync(
                Encoding.ASCII.GetBytes($"HEAD / HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: close\r\n\r\n"), patience.Token);
            var begin = new byte["HTTP/".Length];
            await stream.ReadExactlyAsync(begin, patience.Token);
            return begin.AsSpan().SequenceEqual("HTTP/"u8);
        }
        catch (Exception e)
            when (e is SocketException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return false;
        }
    }

    public static CliFailure Failure(Uri address) => new(
        ExitCode.NotReachable,
        $"{address.GetLeftPart(UriPartial.Authority)} speaks plain HTTP, without TLS: it is the coordinator's port for probes and metrics "
            + "(http_listen, default 7480), or not a coordinator",
        $"use the port for commands (listen, default 7443): --address https://{address.Host}:7443");
}
