namespace Fleet.Coordinator.Identity;

/// <summary>Keeps track of operators' long calls, so that they end when the operator is removed.</summary>
internal sealed class LiveCredentials
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, HashSet<CancellationTokenSource>> _calls = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _revokedAt = new(StringComparer.Ordinal);
    private long _generation;

    /// <summary>Grows with each revocation. Read it before authenticating and pass it to <see cref="Add"/>.</summary>
    public long Generation => Interlocked.Read(ref _generation);

    /// <summary>Registers a call; dispose the result when the call ends.</summary>
    /// <param name="generation">The generation before authentication: a revocation since then ends the call at once.</param>
    /// <param name="revoked">Cancelled by <see cref="Revoke"/>.</param>
    public IDisposable Add(string operatorName, long generation, CancellationTokenSource revoked)
    {
        lock (_gate)
        {
            if (_revokedAt.TryGetValue(operatorName, out var revokedAt) && revokedAt > generation)
            {
                revoked.Cancel();
            }

            if (!_calls.TryGetValue(operatorName, out var calls))
            {
                _calls[operatorName] = calls = [];
            }

            calls.Add(revoked);
        }

        return new Registration(this, operatorName, revoked);
    }

    /// <summary>Ends every long call of an operator.</summary>
    public void Revoke(string operatorName)
    {
        CancellationTokenSource[] calls;
        lock (_gate)
        {
            _revokedAt[operatorName] = Interlocked.Increment(ref _generation);
            calls = _calls.TryGetValue(operatorName, out var found) ? [.. found] : [];
        }

        foreach (var call in calls)
        {
            try
            {
                call.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It has ended in the meantime.
            }
        }
    }

    private void Remove(string operatorName, CancellationTokenSource revoked)
    {
        lock (_gate)
        {
            if (_calls.TryGetValue(operatorName, out var calls) && calls.Remove(revoked) && calls.Count == 0)
            {
                _calls.Remove(operatorName);
            }
        }
    }

    private sealed class Registration(LiveCredentials owner, string operatorName, CancellationTokenSource revoked) : IDisposable
    {
        public void Dispose() => owner.Remove(operatorName, revoked);
    }
}
