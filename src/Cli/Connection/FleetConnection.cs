using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Fleet.Cli.Outcomes;
using Fleet.Cli.ProcessEnvironment;
using Fleet.Protocol.Addresses;
using Fleet.Protocol.Compression;
using Fleet.Protocol.V1;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace Fleet.Cli.Connection;

/// <summary>
/// The connection to the coordinator: TLS that trusts only the credential's certificate authority, and the caller's identity on every call.
/// </summary>
internal sealed class FleetConnection : IDisposable
{
    /// <summary>Largest message that is accepted, in bytes, also after decompression.</summary>
    private const int MaxMessageBytes = 64 * 1024 * 1024;

    private readonly GrpcChannel _channel;
    private readonly TimeSpan _timeout;
    private readonly CancellationToken _cancellation;
    private readonly X509Certificate2 _ca;
    private readonly X509Certificate2? _client;

    private FleetConnection(Credential credential, Uri address, TimeSpan timeout, CancellationToken cancellation)
    {
        (Credential, Address, _timeout, _cancellation) = (credential, address, timeout, cancellation);
        _ca = credential.CaCertificate();
        _client = credential.ClientCertificate();
        var tls = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            },
        };
        tls.CertificateChainPolicy.CustomTrustStore.Add(_ca);
        if (_client is not null)
        {
            tls.ClientCertificates = [_client];
        }

        _channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                SslOptions = tls,
                UseProxy = false,
                ConnectTimeout = TimeSpan.FromSeconds(10),
                EnableMultipleHttp2Connections = true,
                // Detects a dead network path under streams that follow something.
                KeepAlivePingDelay = TimeSpan.FromSeconds(15),
                KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
                KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            },
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaxMessageBytes,
            CompressionProviders = [new BoundedGzip(MaxMessageBytes)],
            // After a failed connection, a channel fails calls at once until it tries again; streams that follow something have pauses of
            // their own.
            MaxReconnectBackoff = TimeSpan.FromSeconds(1),
        });
        var invoker = credential.BearerToken.Length > 0
            ? _channel.Intercept(metadata =>
            {
                metadata.Add("authorization", $"Bearer {credential.BearerToken}");
                return metadata;
            })
            : _channel.CreateCallInvoker();
        invoker = invoker.Intercept(new RepairedAnswers());
        Fleet = new FleetService.FleetServiceClient(invoker);
        Events = new EventService.EventServiceClient(invoker);
        Admin = new AdminService.AdminServiceClient(invoker);
    }

    public Credential Credential { get; }

    public Uri Address { get; }

    public FleetService.FleetServiceClient Fleet { get; }

    public EventService.EventServiceClient Events { get; }

    public AdminService.AdminServiceClient Admin { get; }

    /// <summary>Options for calls with one answer, which end after the timeout. Uses the system clock, because the channel does.</summary>
    public CallOptions Unary => new(deadline: (TimeProvider.System.GetUtcNow() + _timeout).UtcDateTime, cancellationToken: _cancellation);

    public static Outcome<FleetConnection> Open(
        CliEnvironment environment, string? credentialFile, string? address, TimeSpan timeout, CancellationToken cancellation)
    {
        var found = CredentialLookup.Find(environment, credentialFile);
        if (!found.Succeeded)
        {
            return found.Failure;
        }

        var target = found.Value.Address;
        if (!string.IsNullOrEmpty(address))
        {
            if (!CoordinatorAddress.TryParse(address, out var parsed, out var problem))
            {
                return new CliFailure(ExitCode.Refused, $"--address: '{address}' is not an address of a coordinator: {problem}");
            }

            target = new Uri(parsed);
        }

        return new FleetConnection(found.Value, target, timeout, cancellation);
    }

    /// <summary>Options for streams, without a deadline.</summary>
    public static CallOptions Stream(CancellationToken cancellation) => new(cancellationToken: cancellation);

    public void Dispose()
    {
        _channel.Dispose();
        _client?.Dispose();
        _ca.Dispose();
    }
}
