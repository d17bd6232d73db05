using Fleet.Agent.Files;
using Fleet.Agent.Logging;

namespace Fleet.Agent.Actions.Rsync.Ownership;

/// <summary>Whose the destination of a copy or mirror is, on this machine or another one.</summary>
internal sealed class DestinationOwner(ActionContext context)
{
    private OwnerMarker? _marker;

    /// <summary>Null if it is remote.</summary>
    private GuardedPath? Destination => context.Guard.Destination;

    /// <summary>Why the owner could not be checked or written, for the result. Null if that was possible.</summary>
    public string? Note { get; private set; }

    /// <summary>Somebody else's. Null if it is this policy's, nobody's, or not known.</summary>
    public OwnerMarker? Foreign => _marker is not null && !_marker.IsOf(context) ? _marker : null;

    /// <summary>It is known to be nobody's.</summary>
    public bool IsNobodys => _marker is null && Note is null;

    /// <exception cref="IOException">A local one cannot be inspected.</exception>
    /// <exception cref="TimeoutException">Its disk does not answer.</exception>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        if (Destination is { } destination)
        {
            _marker = destination.Opened is { } folder ? await context.OnDisk(() => OwnerFile.Read(folder)) : null;
            return;
        }

        var (marker, problem) = await new RemoteOwnerFile(context).FetchAsync(cancellationToken);
        (_marker, Note) = (
            marker, problem is null ? null : $"it could not be checked whether the destination belongs to another policy: {problem}");
    }

    /// <summary>
    /// Makes the destination this policy's, if it is not yet. What prevents that becomes a note: the transfer itself decides.
    /// </summary>
    /// <exception cref="TimeoutException">Its disk does not answer.</exception>
    public async Task ClaimAsync(CancellationToken cancellationToken)
    {
        // A run without a policy is nobody's, and where nothing can be read nothing is overwritten.
        if (context.Policy.Length == 0
            || Note is not null
            || (_marker is not null && _marker.IsOf(context) && _marker.HostId == context.HostId))
        {
            return;
        }

        string? problem;
        try
        {
            problem = Destination is { } destination
                ? await WriteHereAsync(destination)
                : await new RemoteOwnerFile(context).WriteAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = LogText.Escape(e.Message);
        }

        Note = problem is null ? null : $"the destination could not be marked as this policy's: {problem}";
    }

    private async Task<string?> WriteHereAsync(GuardedPath destination)
    {
        await context.OnDisk(() => OwnerFile.Write(destination.Make(), context));
        return null;
    }
}
