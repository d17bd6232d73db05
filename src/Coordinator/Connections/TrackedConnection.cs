using Microsoft.AspNetCore.Connections;

namespace Fleet.Coordinator.Connections;

/// <summary>An open connection: a feature of it, so that calls find it. The table has the lock.</summary>
internal sealed class TrackedConnection(ConnectionTable table, ConnectionContext connection, string address, string key)
{
    /// <summary>Its place among those that may be closed; null while it may not.</summary>
    public LinkedListNode<TrackedConnection>? Idle { get; set; }

    /// <inheritdoc cref="Idle"/>
    public LinkedListNode<TrackedConnection>? IdleOfAddress { get; set; }

    public ConnectionTable Table => table;

    public string Address => address;

    public string Key => key;

    /// <summary>No call on it had an identity so far.</summary>
    public bool IsStranger { get; set; } = true;

    public int Calls { get; set; }

    /// <summary>It counts no more: it is on its way out.</summary>
    public bool IsClosing { get; set; }

    public void CallBegins() => table.CallBegins(this);

    public void CallEnds() => table.CallEnds(this);

    /// <summary>A host or an operator uses it.</summary>
    public void Identified() => table.Identified(this);

    public void Abort(string reason) => connection.Abort(new ConnectionAbortedException(reason));
}
