using System.Security.Cryptography.X509Certificates;
using Fleet.Coordinator.Configuration;

namespace Fleet.Coordinator.Identity;

/// <summary>
/// The server's certificate. It is issued at each start with a key that never touches the disk, and replaced at two thirds of its life
/// and when this machine's names or addresses change. A new one is used from the next handshake on.
/// </summary>
internal sealed partial class ServerIdentity(
    CertificateAuthority authority, CoordinatorOptions options, TimeProvider clock, ILogger<ServerIdentity> log)
    : BackgroundService, ITlsIdentity
{
    /// <summary>None of our client certificates is larger than this, in bytes.</summary>
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

            // The first handshake may happen before this service has started.
            RefreshAsync().GetAwaiter().GetResult();
            return Volatile.Read(ref _current)!;
        }
    }

    /// <summary>Names and addresses by which other machines may reach this one, best first; each is in the certificate.</summary>
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
    /// Foreign and expired certificates are admitted here and refused call by call, with a reason and what to do, instead of a TLS alert
    /// that nobody can read. No call proceeds without the interceptor's own check of the chain.
    /// </summary>
    public bool AcceptsHandshake(X509Certificate2 certificate) => certificate.RawDataMemory.Length <= MaxCertificateBytes;

    /// <summary>Issues a new certificate if there is none, it is old, or the names have changed.</summary>
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

            // The old one is left to the garbage collector, because handshakes may still use it.
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
