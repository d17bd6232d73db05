using Microsoft.AspNetCore.Connections;

namespace Fleet.Coordinator.Connections;

/// <summary>An open connection, set as a feature of it so that calls find it. Guarded by the table's lock.</summary>
internal sealed class TrackedConnection(ConnectionTable table, ConnectionContext connection, string address, string key)
{
    /// <summary>Its place among the connections that may be closed; null while it may not be closed.</summary>
    public LinkedListNode<TrackedConnection>? Idle { get; set; }

    /// <inheritdoc cref="Idle"/>
    public LinkedListNode<TrackedConnection>? IdleOfAddress { get; set; }

    public ConnectionTable Table => table;

    public string Address => address;

    public string Key => key;

    /// <summary>True while no call on it has had an identity.</summary>
    public bool IsStranger { get; set; } = true;

    public int Calls { get; set; }

    /// <summary>True once it is closing and no longer counts.</summary>
    public bool IsClosing { get; set; }

    public void CallBegins() => table.CallBegins(this);

    public void CallEnds() => table.CallEnds(this);

    /// <summary>True once a host or an operator uses it.</summary>
    public void Identified() => table.Identified(this);

    public void Abort(string reason) => connection.Abort(new ConnectionAbortedException(reason));
}
