using System.Net;
using Fleet.Coordinator.Limits;

namespace Fleet.Coordinator.Connections;

/// <summary>Bounds the number of calls in flight: for strangers by address and in total, for others by identity.</summary>
internal sealed class CallsInFlight
{
    /// <summary>Most bytes of the one message that a caller without an identity may send, and how long it may take to arrive.</summary>
    public const int MaxBodyBytes = 64 * 1024;
    public static readonly TimeSpan BodyTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Most concurrent calls without an identity: with the limit above, 32 MiB in total.</summary>
    public const int PerAddress = 64;
    public const int InAll = 512;

    /// <summary>Most concurrent calls of one host, and of one operator. Each may hold a message of 4 MiB.</summary>
    public const int PerHost = 8;
    public const int PerOperator = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _calls = new(StringComparer.Ordinal);
    private int _strangers;

    /// <returns>To be disposed when the call ends. Null if too many calls are in flight.</returns>
    public IDisposable? TryEnter(IPAddress? address)
    {
        lock (_gate)
        {
            return _strangers < InAll && TryAdd("a" + AddressKey.Of(address), PerAddress) is { } call ? Stranger(call) : null;
        }
    }

    /// <inheritdoc cref="TryEnter(IPAddress?)"/>
    public IDisposable? TryEnter(string who, bool isHost)
    {
        lock (_gate)
        {
            return TryAdd("i" + who, isHost ? PerHost : PerOperator);
        }
    }

    private Call Stranger(Call call)
    {
        _strangers++;
        call.IsStranger = true;
        return call;
    }

    private Call? TryAdd(string key, int most)
    {
        var count = _calls.GetValueOrDefault(key);
        if (count >= most)
        {
            return null;
        }

        _calls[key] = count + 1;
        return new Call(this, key);
    }

    private void End(Call call)
    {
        lock (_gate)
        {
            _strangers -= call.IsStranger ? 1 : 0;
            if (--_calls[call.Key] == 0)
            {
                _calls.Remove(call.Key);
            }
        }
    }

    private sealed class Call(CallsInFlight owner, string key) : IDisposable
    {
        private int _ended;

        public string Key => key;

        public bool IsStranger { get; set; }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0)
            {
                owner.End(this);
            }
        }
    }
}
