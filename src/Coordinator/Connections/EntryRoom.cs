using Fleet.Coordinator.Limits;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Connections;

/// <summary>Bounds the memory for outbox entries that wait for their commit, per session and for all sessions together.</summary>
internal sealed class EntryRoom
{
    private readonly ByteGate _all = new(HostLimits.WaitingEntryBytes);

    public Session Open() => new(_all);

    /// <summary>Bytes that an entry uses while it waits.</summary>
    public static long SizeOf(OutboxEntry entry) => entry.CalculateSize() + 512;

    /// <summary>The share of one session.</summary>
    internal sealed class Session(ByteGate all) : IDisposable
    {
        private readonly ByteGate _own = new(HostLimits.WaitingEntryBytesPerSession);
        private readonly Lock _gate = new();
        private long _held;
        private bool _ended;

        /// <summary>Waits for room. Meanwhile the stream is not read.</summary>
        public async Task EnterAsync(long bytes, CancellationToken cancellationToken)
        {
            await _own.EnterAsync(bytes, cancellationToken);
            await all.EnterAsync(bytes, cancellationToken);
            lock (_gate)
            {
                if (!_ended)
                {
                    _held += bytes;
                    return;
                }
            }

            all.Leave(bytes);
        }

        public void Leave(long bytes)
        {
            lock (_gate)
            {
                if (_ended)
                {
                    return;
                }

                _held -= bytes;
            }

            _own.Leave(bytes);
            all.Leave(bytes);
        }

        /// <summary>Returns the room of entries that will never be committed.</summary>
        public void Dispose()
        {
            long held;
            lock (_gate)
            {
                _ended = true;
                (held, _held) = (_held, 0);
            }

            all.Leave(held);
        }
    }
}
