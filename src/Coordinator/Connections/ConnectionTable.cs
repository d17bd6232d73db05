using System.Globalization;
using System.Net;
using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Identity;
using Fleet.Coordinator.Limits;
using Fleet.Coordinator.Meters;
using Microsoft.AspNetCore.Connections;

namespace Fleet.Coordinator.Connections;

/// <summary>
/// All open connections. Those on which nobody has shown an identity are bounded by address and in total; the one that has been idle
/// longest makes room for a new one. Connections of hosts and operators are never closed for others.
/// </summary>
internal sealed class ConnectionTable
{
    /// <summary>
    /// Descriptors reserved for everything else: .NET keeps two for each of its about 130 assemblies; then there are the store and the log.
    /// A process that has none left to load an assembly ends.
    /// </summary>
    private const int Reserve = 512;
    /// <summary>Most connections that may be closing, and still hold their descriptors, while others are accepted.</summary>
    private const int MostClosing = 64;
    private const int Least = 64;
    private const int MostByDefault = 20_000;

    /// <summary>A connection with TLS uses about 100 KiB, so these use 100 MiB.</summary>
    private const int StrangersByDefault = 1_000;
    private const int StrangersPerAddressByDefault = 250;

    private readonly StrangerLog _log;
    private readonly Lock _gate = new();
    private readonly LinkedList<TrackedConnection> _idle = [];
    private readonly Dictionary<string, (int Count, LinkedList<TrackedConnection> Idle)> _byAddress = new(StringComparer.Ordinal);
    private int _open;
    private int _strangers;
    private int _closing;

    public ConnectionTable(CoordinatorOptions options, StrangerLog log)
        : this(options, log, DescriptorLimit())
    {
    }

    internal ConnectionTable(CoordinatorOptions options, StrangerLog log, int descriptors)
    {
        _log = log;
        Capacity = Math.Max(Least, Math.Min(options.MaxConnections ?? MostByDefault, descriptors - Reserve));
        Strangers = Math.Min(options.MaxStrangers ?? StrangersByDefault, Capacity / 2);
        StrangersPerAddress = Math.Min(options.MaxStrangersPerAddress ?? StrangersPerAddressByDefault, Strangers);
    }

    /// <summary>Most connections in total.</summary>
    public int Capacity { get; }

    /// <summary>Most of them that may be without an identity.</summary>
    public int Strangers { get; }

    /// <inheritdoc cref="Strangers"/>
    public int StrangersPerAddress { get; }

    /// <summary>Whether few enough closing connections still hold their descriptors to accept more.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_gate)
            {
                return _closing < MostClosing;
            }
        }
    }

    /// <summary>Takes a new connection, and closes the one that has been idle longest if there is no room.</summary>
    /// <returns>False if there is no room; the caller then closes the new one.</returns>
    public bool TryAdmit(ConnectionContext connection)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        var tracked = new TrackedConnection(this, connection, CallGate.AddressOf(address), AddressKey.Of(address));
        var victims = new List<TrackedConnection>();
        bool admitted;
        lock (_gate)
        {
            admitted = MakeRoom(tracked.Key, victims);
            if (admitted)
            {
                Add(tracked);
            }
        }

        foreach (var victim in victims)
        {
            CoordinatorMeter.ConnectionsClosed.Add(1);
            _log.ConnectionClosed(victim.Address, "it showed no identity, and others need its place");
            victim.Abort("it showed no identity, and others need its place");
        }

        if (!admitted)
        {
            CoordinatorMeter.ConnectionsClosed.Add(1);
            _log.ConnectionClosed(tracked.Address, "there are too many");
            return false;
        }

        CoordinatorMeter.Connections.Add(1);
        connection.Features.Set(tracked);
        connection.ConnectionClosed.Register(static state => ((TrackedConnection)state!).Table.Closed((TrackedConnection)state!), tracked);
        return true;
    }

    public void CallBegins(TrackedConnection connection)
    {
        lock (_gate)
        {
            if (connection.Calls++ == 0)
            {
                RemoveIdle(connection);
            }
        }
    }

    public void CallEnds(TrackedConnection connection)
    {
        lock (_gate)
        {
            if (--connection.Calls == 0 && connection.IsStranger && !connection.IsClosing)
            {
                AddIdle(connection);
            }
        }
    }

    public void Identified(TrackedConnection connection)
    {
        lock (_gate)
        {
            if (connection.IsStranger && !connection.IsClosing)
            {
                RemoveIdle(connection);
                RemoveStranger(connection);
                connection.IsStranger = false;
            }
        }
    }

    public void Closed(TrackedConnection connection)
    {
        CoordinatorMeter.Connections.Add(-1);
        lock (_gate)
        {
            if (connection.IsClosing)
            {
                _closing--;
                return;
            }

            Forget(connection);
        }
    }

    private bool MakeRoom(string key, List<TrackedConnection> victims)
    {
        if (_byAddress.TryGetValue(key, out var ofAddress) && ofAddress.Count >= StrangersPerAddress && !Evict(ofAddress.Idle, victims))
        {
            return false;
        }

        return (_strangers < Strangers && _open < Capacity) || Evict(_idle, victims);
    }

    private bool Evict(LinkedList<TrackedConnection> idle, List<TrackedConnection> victims)
    {
        if (idle.First is not { } oldest)
        {
            return false;
        }

        var victim = oldest.Value;
        Forget(victim);
        victim.IsClosing = true;
        _closing++;
        victims.Add(victim);
        return true;
    }

    private void Add(TrackedConnection connection)
    {
        _open++;
        _strangers++;
        var (count, idle) = _byAddress.TryGetValue(connection.Key, out var found) ? found : (0, []);
        _byAddress[connection.Key] = (count + 1, idle);
        AddIdle(connection);
    }

    private void Forget(TrackedConnection connection)
    {
        _open--;
        RemoveIdle(connection);
        if (connection.IsStranger)
        {
            RemoveStranger(connection);
        }
    }

    private void RemoveStranger(TrackedConnection connection)
    {
        _strangers--;
        var (count, idle) = _byAddress[connection.Key];
        if (count == 1)
        {
            _byAddress.Remove(connection.Key);
        }
        else
        {
            _byAddress[connection.Key] = (count - 1, idle);
        }
    }

    private void AddIdle(TrackedConnection connection)
    {
        connection.Idle = _idle.AddLast(connection);
        connection.IdleOfAddress = _byAddress[connection.Key].Idle.AddLast(connection);
    }

    private void RemoveIdle(TrackedConnection connection)
    {
        if (connection.Idle is { } node)
        {
            _idle.Remove(node);
            connection.IdleOfAddress!.List!.Remove(connection.IdleOfAddress);
            (connection.Idle, connection.IdleOfAddress) = (null, null);
        }
    }

    /// <summary>The limit of open files that the kernel applies to this process.</summary>
    private static int DescriptorLimit()
    {
        foreach (var line in File.ReadLines("/proc/self/limits"))
        {
            if (line.StartsWith("Max open files", StringComparison.Ordinal))
            {
                var fields = line["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
                return int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : int.MaxValue;
            }
        }

        return 1_024;
    }
}
