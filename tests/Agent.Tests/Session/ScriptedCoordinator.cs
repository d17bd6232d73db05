using System.Globalization;
using System.Security.Cryptography;
using Fleet.Agent.Enrolment;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Fleet.Agent.Tests.Session;

/// <summary>A coordinator whose part a test plays, behind real gRPC and real mutual TLS on loopback.</summary>
internal sealed class ScriptedCoordinator : IAsyncDisposable
{
    private readonly LoopbackServer _server;

    private ScriptedCoordinator(LoopbackServer server, Part part)
    {
        _server = server;
        Plays = part;
    }

    /// <summary>A session, from the coordinator's side.</summary>
    internal delegate Task SessionHandler(
        IAsyncStreamReader<AgentMessage> fromAgent, IServerStreamWriter<CoordinatorMessage> toAgent, ServerCallContext context);

    public TestAuthority Authority => Plays.Authority;

    public Part Plays { get; }

    public string Address => _server.Address;

    /// <summary>A token for this coordinator.</summary>
    public string Token => $"fleet1.abcd1234.secret.{Convert.ToHexStringLower(SHA256.HashData(Authority.Certificate.RawData))}";

    /// <param name="certificateEnds">When the server's certificate ends. Null: in decades.</param>
    public static async Task<ScriptedCoordinator> StartAsync(DateTimeOffset? certificateEnds = null)
    {
        var part = new Part(new TestAuthority());
        var server = await LoopbackServer.StartAsync(
            builder =>
            {
                builder.Services.AddGrpc();
                builder.Services.AddSingleton(part);
            },
            app =>
            {
                app.Use((context, next) =>
                {
                    if (part.ClockIsAhead != TimeSpan.Zero)
                    {
                        var ahead = TimeProvider.System.GetUtcNow() + part.ClockIsAhead;
                        context.Response.Headers.Date = ahead.ToString("R", CultureInfo.InvariantCulture);
                    }

                    return next(context);
                });
                app.MapGrpcService<Service>();
            },
            part.Authority.ServerCertificate(certificateEnds));
        return new ScriptedCoordinator(server, part);
    }

    /// <summary>As the coordinator refuses a call.</summary>
    public static RpcException Refusal(StatusCode code, string reason, string message) =>
        new(new Status(code, message), new Metadata { { "fleet-reason", reason } });

    /// <summary>Signs a CSR for as long as the coordinator does.</summary>
    /// <param name="age">How long ago the certificate began. Null: a minute.</param>
    public string Sign(string csrPem, TimeSpan? age = null)
    {
        var from = TimeProvider.System.GetUtcNow() - (age ?? TimeSpan.FromMinutes(1));
        return Authority.Sign(csrPem, from, from + TimeSpan.FromDays(90));
    }

    /// <summary>Makes a host of this fleet, as an enrolment does, with a certificate that began so long ago and lasts 90 days.</summary>
    public void Enrol(IdentityStore identities, TimeSpan certificateAge, IReadOnlyList<string>? addresses = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var certificate = Sign(EnrolmentClient.SigningRequest(key), certificateAge);
        identities.Save(AgentFixture.HostId, "h", addresses ?? [Address], key, certificate, Authority.CertificatePem);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>What a test lets the coordinator do.</summary>
    internal sealed class Part(TestAuthority authority)
    {
        public TestAuthority Authority => authority;

        public List<EnrollRequest> Enrolled { get; } = [];

        public Func<EnrollRequest, EnrollResponse>? OnEnroll { get; set; }

        public Func<RenewRequest, RenewResponse>? OnRenew { get; set; }

        public SessionHandler? OnSession { get; set; }

        public int Sessions { get; set; }

        /// <summary>Of the header Date of every answer.</summary>
        public TimeSpan ClockIsAhead { get; set; }
    }

    internal sealed class Service(Part part) : AgentService.AgentServiceBase
    {
        public override Task<GetAuthorityResponse> GetAuthority(GetAuthorityRequest request, ServerCallContext context) =>
            Task.FromResult(new GetAuthorityResponse { CaCertificatePem = part.Authority.CertificatePem });

        public override Task<EnrollResponse> Enroll(EnrollRequest request, ServerCallContext context)
        {
            lock (part.Enrolled)
            {
                part.Enrolled.Add(request);
            }

            return Task.FromResult(part.OnEnroll!(request));
        }

        public override Task<RenewResponse> Renew(RenewRequest request, ServerCallContext context) =>
            Task.FromResult(part.OnRenew!(request));

        public override Task Session(
            IAsyncStreamReader<AgentMessage> requestStream,
            IServerStreamWriter<CoordinatorMessage> responseStream,
            ServerCallContext context)
        {
            part.Sessions++;
            return part.OnSession!(requestStream, responseStream, context);
        }
    }
}
