namespace Fleet.Coordinator.Hosts;

/// <summary>Lets other features change the set of hosts.</summary>
internal interface IHostDirectory
{
    /// <summary>
    /// A host has enrolled (its row is committed): the policies that match it are assigned to it.
    /// </summary>
    Task EnrolledAsync(string hostId, CancellationToken cancellationToken);

    /// <summary>
    /// Removes a host: its row is marked, its waiting runs expire, its running ones become INTERRUPTED, its live session ends,
    /// and the event host.removed reports it. Its certificate is no longer an identity as soon as this returns.
    /// </summary>
    /// <param name="removedBy">Operator, for the event.</param>
    /// <returns>The host's id; null if there is no such host.</returns>
    Task<string?> RemoveAsync(string nameOrId, string reason, string removedBy, CancellationToken cancellationToken);
}
