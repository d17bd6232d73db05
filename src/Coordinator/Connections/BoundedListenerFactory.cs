using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Fleet.Coordinator.Connections;

/// <summary>
/// Kestrel's own listeners, guarded by the table of connections. A connection that the table does not admit is closed in the accept loop,
/// before anything is read or allocated for it, so that descriptors cannot run out.
/// </summary>
internal sealed class BoundedListenerFactory(
    IOptions<SocketTransportOptions> options, ILoggerFactory loggers, ConnectionTable table, TimeProvider clock)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly SocketTransportFactory _inner = new(options, loggers);

    public bool CanBind(EndPoint endpoint) => _inner.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new Listener(await _inner.BindAsync(endpoint, cancellationToken), table, clock);

    private sealed class Listener(IConnectionListener inner, ConnectionTable table, TimeProvider clock) : IConnectionListener
    {
        /// <summary>Pause while connections that are being closed still hold their descriptors.</summary>
        private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (true)
            {
                while (!table.HasRoom)
                {
                    await Task.Delay(Pause, clock, cancellationToken);
                }

                var connection = await inner.AcceptAsync(cancellationToken);
                if (connection is null || table.TryAdmit(connection))
                {
                    return connection;
                }

                connection.Abort();
                await connection.DisposeAsync();
            }
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => inner.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
