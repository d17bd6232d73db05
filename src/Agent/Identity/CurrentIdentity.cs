namespace Fleet.Agent.Identity;

/// <summary>
/// The identity that is in force. It appears when `fleet-agent enroll` writes it while the agent runs, and is replaced by a
/// renewal; whoever has a stream open with the old one watches <see cref="Replaced"/>.
/// </summary>
internal sealed class CurrentIdentity(IdentityStore store, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private CancellationTokenSource _replaced = new();
    private HostIdentity? _value;

    /// <summary>Null: not enrolled, or not looked for yet.</summary>
    public HostIdentity? Value
    {
        get
        {
            lock (_gate)
            {
                return _value;
            }
        }
    }

    /// <summary>Cancelled when <see cref="Value"/> is replaced. Take it before Value.</summary>
    public CancellationToken Replaced
    {
        get
        {
            lock (_gate)
            {
                return _replaced.Token;
            }
        }
    }

    /// <summary>
    /// Returns at once when the host is enrolled, else when it becomes so. Polls, because inotify has limits that other
    /// programs use up, and an enrolment may wait two seconds.
    /// </summary>
    /// <exception cref="InvalidDataException">An identity is there and cannot be used.</exception>
    public async Task<HostIdentity> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (Value is { } value)
            {
                return value;
            }

            if (store.Read() is { } read)
            {
                Take(read);
                return read;
            }

            await Task.Delay(LookInterval, time, cancellationToken);
        }
    }

    /// <summary>Stores a renewed identity, then puts it in force.</summary>
    public void Replace(HostIdentity identity)
    {
        store.Write(identity);
        Take(identity);
    }

    /// <summary>After `fleet-agent enroll --force` wrote another one; called on SIGHUP.</summary>
    /// <exception cref="InvalidDataException">An identity is there and cannot be used; the one in force stays.</exception>
    public void ReadAgain()
    {
        if (store.Read() is { } read && read.Certificate.Thumbprint != Value?.Certificate.Thumbprint)
        {
            Take(read);
        }
    }

    public void Dispose() => _replaced.Dispose();

    private void Take(HostIdentity identity)
    {
        CancellationTokenSource old;
        lock (_gate)
        {
            _value = identity;
            old = _replaced;
            _replaced = new CancellationTokenSource();
        }

        // Not disposed: others may be about to link to its token.
        old.Cancel();
    }
}
