using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Hosting;
using Fleet.Coordinator.Identity;
using Fleet.Protocol.V1;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Fleet.Coordinator.Tests.Infrastructure;

/// <summary>A whole coordinator on free ports of the loopback interface, with a state directory of its own.</summary>
internal sealed class RunningCoordinator : IAsyncDisposable
{
    private readonly List<IDisposable> _clients = [];
    private readonly WebApplication _app;
    private readonly bool _ownsState;

    private RunningCoordinator(WebApplication app, string state, bool ownsState, ShiftedClock clock)
    {
        _app = app;
        _ownsState = ownsState;
        State = state;
        Clock = clock;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Address = addresses
            .First(static a => a.StartsWith("https://", StringComparison.Ordinal))
            .Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        Http = addresses.First(static a => a.StartsWith("http://", StringComparison.Ordinal));
        using var credential = JsonDocument.Parse(File.ReadAllText(Path.Combine(state, FirstAdmin.FileName)));
        AdminToken = credential.RootElement.GetProperty("bearerToken").GetString()!;
        CaPem = credential.RootElement.GetProperty("caCertificatePem").GetString()!;
    }

    public string State { get; }

    public ShiftedClock Clock { get; }

    /// <summary>Of gRPC over TLS.</summary>
    public string Address { get; }

    /// <summary>Of the plain listener.</summary>
    public string Http { get; }

    public string AdminToken { get; }

    public string CaPem { get; }

    public IServiceProvider Services => _app.Services;

    public AdminService.AdminServiceClient Admin => new(Connect(AdminToken));

    /// <param name="state">Of an earlier one, to start again on; null: a new one.</param>
    public static async Task<RunningCoordinator> StartAsync(
        string? state = null, Func<CoordinatorOptions, CoordinatorOptions>? options = null, ShiftedClock? clock = null)
    {
        var directory = state ?? Directory.CreateTempSubdirectory("fleet-coordinator-").FullName;
        clock ??= new ShiftedClock();
        var settings = new CoordinatorOptions
        {
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            HttpListen = new IPEndPoint(IPAddress.Loopback, 0),
            StateDirectory = directory,
            Reloadable = new ReloadableOptions { LogLevel = Microsoft.Extensions.Logging.LogLevel.Error },
        };
        var app = CoordinatorApp.Build(
            options?.Invoke(settings) ?? settings, configure: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        await app.StartAsync();
        return new RunningCoordinator(app, directory, state is null, clock);
    }

    /// <summary>Trusts the coordinator's authority only.</summary>
    public SocketsHttpHandler NewHandler() => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                CustomTrustStore = { X509Certificate2.CreateFromPem(CaPem) },
            },
        },
    };

    /// <summary>A channel with a bearer token, a client certificate, or nothing, that trusts the coordinator's authority only.</summary>
    public GrpcChannel Connect(string? bearerToken = null, X509Certificate2? certificate = null)
    {
        var handler = NewHandler();
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [certificate];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        var options = new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true };
        if (bearerToken is not null)
        {
            options.Credentials = ChannelCredentials.Create(
                ChannelCredentials.SecureSsl,
                CallCredentials.FromInterceptor((_, metadata) =>
                {
                    metadata.Add("authorization", $"Bearer {bearerToken}");
                    return Task.CompletedTask;
                }));
        }

        var channel = GrpcChannel.ForAddress(Address, options);
        _clients.Add(channel);
        return channel;
    }

    /// <summary>A new join token, as fleet-agent sends it.</summary>
    public async Task<string> JoinTokenAsync(Action<CreateJoinTokenRequest>? change = null)
    {
        var request = new CreateJoinTokenRequest { RequestId = Guid.NewGuid().ToString() };
        change?.Invoke(request);
        var response = await Admin.CreateJoinTokenAsync(request);
        return response.Secret[..response.Secret.LastIndexOf('.')];
    }

    /// <summary>Enrols a host.</summary>
    public async Task<EnrolledHost> EnrolAsync(string name, string? token = null)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var response = await new AgentService.AgentServiceClient(Connect()).EnrollAsync(
            Requests.Enrol(token ?? await JoinTokenAsync(), name, key));
        return new EnrolledHost(response.HostId, name, Requests.WithKey(response.CertificatePem, key), key);
    }

    public async Task<string> GetAsync(string path)
    {
        using var http = new HttpClient { BaseAddress = new Uri(Http), Timeout = TimeSpan.FromSeconds(30) };
        return await http.GetStringAsync(path);
    }

    /// <summary>Stops it and keeps its state.</summary>
    public async Task StopAsync()
    {
        _clients.ForEach(static client => client.Dispose());
        _clients.Clear();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_ownsState)
        {
            Directory.Delete(State, recursive: true);
        }
    }
}
