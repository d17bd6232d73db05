using System.Security.Cryptography.X509Certificates;
using Fleet.Coordinator.Configuration;

namespace Fleet.Coordinator.Identity;

/// <summary>
/// The server's certificate: made at each start with a key that never touches the disk, made anew at two thirds of its life and
/// when this machine's names or addresses change, and used from the next handshake on.
/// </summary>
internal sealed partial class ServerIdentity(
    CertificateAuthority authority, CoordinatorOptions options, TimeProvider clock, ILogger<ServerIdentity> log)
    : BackgroundService, ITlsIdentity
{
    /// <summary>A client certificate larger than this is nobody's of ours.</summary>
    private const int MaxCertificateBytes = 16 * 1024;
    private static readonly TimeSpan CheckInterval = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private X509Certificate2? _current;
    private ServerNames? _names;

    public X509Certificate2 ServerCertificate
    {
        get
        {
            if (Volatile.Read(ref _current) is { } current)
            {
                return current;
            }

            // The first handshake may come before this service has started.
            RefreshAsync().GetAwaiter().GetResult();
            return Volatile.Read(ref _current)!;
        }
    }

    /// <summary>Where other machines may reach this one, the best first; each is in the certificate.</summary>
    public IReadOnlyList<string> Addresses
    {
        get
        {
            _ = ServerCertificate;
            lock (_gate)
            {
                return ReachableAddresses.Of(options, _names!);
            }
        }
    }

    /// <summary>
    /// Foreign and expired certificates get in and are refused call by call, with a reason and what to do, instead of a TLS alert
    /// that nobody can read. No call goes on without the interceptor's own check of the chain.
    /// </summary>
    public bool AcceptsHandshake(X509Certificate2 certificate) => certificate.RawDataMemory.Length <= MaxCertificateBytes;

    /// <summary>Makes a new certificate if there is none, it is old, or the names have changed.</summary>
    public async Task RefreshAsync()
    {
        var names = await ServerNames.CollectAsync(options.ServerNames);
        lock (_gate)
        {
            var renewAt = _current is null
                ? DateTimeOffset.MinValue
                : new DateTimeOffset(_current.NotAfter.ToUniversalTime()) - (CertificateAuthority.ServerLifetime / 3);
            if (_current is not null && _names!.SameAs(names) && clock.GetUtcNow() < renewAt)
            {
                return;
            }

            // The old one is left to the garbage collector: handshakes may still use it.
            Volatile.Write(ref _current, authority.IssueServer(names, clock.GetUtcNow() + CertificateAuthority.ServerLifetime));
            _names = names;
        }

        ServerCertificateMade(log, names);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(CheckInterval, clock);
        try
        {
            do
            {
                try
                {
                    await RefreshAsync();
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    ServerCertificateFailed(log, exception);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }
}
