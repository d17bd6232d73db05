using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fleet.Agent.Enrolment;
using Fleet.Protocol.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Tests.Session;

/// <summary>A coordinator whose part a test plays, behind real gRPC and real mutual TLS on loopback.</summary>
internal sealed class FakeCoordinator : IAsyncDisposable
{
    private static readonly DateTimeOffset Born = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly WebApplication _app;

    private FakeCoordinator(WebApplication app, X509Certificate2 authority, Part part)
    {
        _app = app;
        Authority = authority;
        Plays = part;
        Address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    public X509Certificate2 Authority { get; }

    public Part Plays { get; }

    public string Address { get; }

    /// <summary>A token for this coordinator.</summary>
    public string Token => $"fleet1.abcd1234.secret.{Convert.ToHexStringLower(SHA256.HashData(Authority.RawData))}";

    /// <param name="certificateEnds">When the server's certificate ends. Null: in decades.</param>
    public static async Task<FakeCoordinator> StartAsync(X509Certificate2? authority = null, DateTimeOffset? certificateEnds = null)
    {
        authority ??= NewAuthority();
        var certificate = ServerCertificate(authority, certificateEnds ?? Born.AddYears(40));
        var part = new Part(authority);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(part);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(https =>
            {
                https.ServerCertificate = certificate;
                https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                https.AllowAnyClientCertificate();
            });
        }));
        var app = builder.Build();
        app.Use((context, next) =>
        {
            if (part.ClockIsAhead != TimeSpan.Zero)
            {
                context.Response.Headers.Date = (TimeProvider.System.GetUtcNow() + part.ClockIsAhead).ToString("R", CultureInfo.InvariantCulture);
            }

            return next(context);
        });
        app.MapGrpcService<Service>();
        await app.StartAsync();
        return new FakeCoordinator(app, authority, part);
    }

    public static X509Certificate2 NewAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Fleet test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(Born, Born.AddYears(50));
    }

    /// <summary>Signs a CSR as the coordinator does.</summary>
    public static string Sign(X509Certificate2 authority, string csrPem, DateTimeOffset from, DateTimeOffset to)
    {
        var request = CertificateRequest.LoadSigningRequestPem(csrPem, HashAlgorithmName.SHA256);
        using var certificate = request.Create(authority, from, to, RandomNumberGenerator.GetBytes(8));
        return certificate.ExportCertificatePem();
    }

    /// <summary>Makes a host of this fleet, as an enrolment does, with a certificate that began so long ago and lasts 90 days.</summary>
    public void Enrol(IdentityStore identities, TimeSpan certificateAge, IReadOnlyList<string>? addresses = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var from = TimeProvider.System.GetUtcNow() - certificateAge;
        var certificate = Sign(Authority, EnrolmentClient.SigningRequest(key), from, from + TimeSpan.FromDays(90));
        identities.Save(AgentFixture.HostId, "h", addresses ?? [Address], key, certificate, Authority.ExportCertificatePem());
    }

    /// <summary>As the coordinator refuses a call.</summary>
    public static RpcException Refusal(StatusCode code, string reason, string message) =>
        new(new Status(code, message), new Metadata { { "fleet-reason", reason } });

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
    }

    private static X509Certificate2 ServerCertificate(X509Certificate2 authority, DateTimeOffset ends)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=fleet-coordinator", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, Born, ends, RandomNumberGenerator.GetBytes(8));
        using var withKey = certificate.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>What a test lets the coordinator do.</summary>
    internal sealed class Part(X509Certificate2 authority)
    {
        public X509Certificate2 Authority => authority;

        public List<EnrollRequest> Enrolled { get; } = [];

        public Func<EnrollRequest, EnrollResponse>? OnEnroll { get; set; }

        public Func<RenewRequest, RenewResponse>? OnRenew { get; set; }

        public Func<IAsyncStreamReader<AgentMessage>, IServerStreamWriter<CoordinatorMessage>, ServerCallContext, Task>? OnSession { get; set; }

        public int Sessions { get; set; }

        /// <summary>Of the header Date of every answer.</summary>
        public TimeSpan ClockIsAhead { get; set; }
    }

    internal sealed class Service(Part part) : AgentService.AgentServiceBase
    {
        public override Task<GetAuthorityResponse> GetAuthority(GetAuthorityRequest request, ServerCallContext context) =>
            Task.FromResult(new GetAuthorityResponse { CaCertificatePem = part.Authority.ExportCertificatePem() });

        public override Task<EnrollResponse> Enroll(EnrollRequest request, ServerCallContext context)
        {
            lock (part.Enrolled)
            {
                part.Enrolled.Add(request);
            }

            return Task.FromResult(part.OnEnroll!(request));
        }

        public override Task<RenewResponse> Renew(RenewRequest request, ServerCallContext context) => Task.FromResult(part.OnRenew!(request));

        public override Task Session(IAsyncStreamReader<AgentMessage> requestStream, IServerStreamWriter<CoordinatorMessage> responseStream, ServerCallContext context)
        {
            part.Sessions++;
            return part.OnSession!(requestStream, responseStream, context);
        }
    }
}
