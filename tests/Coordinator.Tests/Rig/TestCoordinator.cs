using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Grains;
using Fleet.Coordinator.Hosting;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Fleet.Coordinator.Tests.Rig;

/// <summary>The whole coordinator in this process: real store, real grains, real TLS on loopback.</summary>
internal sealed class TestCoordinator : IAsyncDisposable
{
    private readonly string _directory;
    private readonly TimeProvider? _clock;
    private readonly Func<CoordinatorOptions, CoordinatorOptions> _configure;
    private readonly List<GrpcChannel> _channels = [];
    private readonly bool _ownsDirectory;
    private readonly Action<WebApplicationBuilder>? _build;
    private WebApplication _app = null!;

    private TestCoordinator(
        string? directory,
        TimeProvider? clock,
        Func<CoordinatorOptions, CoordinatorOptions>? configure,
        Action<WebApplicationBuilder>? build)
    {
        _build = build;
        _ownsDirectory = directory is null;
        _directory = directory ?? Directory.CreateTempSubdirectory("fleet-coordinator-test-").FullName;
        _clock = clock;
        _configure = configure ?? (static options => options);
    }

    public string StateDirectory => _directory;

    public string Address { get; private set; } = "";

    public IServiceProvider Services => _app.Services;

    public SqliteStore Store => Services.GetRequiredService<SqliteStore>();

    /// <summary>As the first admin.</summary>
    public CallInvoker Admin { get; private set; } = null!;

    public FleetService.FleetServiceClient Fleet => new(Admin);

    public EventService.EventServiceClient Events => new(Admin);

    public AdminService.AdminServiceClient AdminService => new(Admin);

    public static async Task<TestCoordinator> StartAsync(
        TimeProvider? clock = null,
        string? directory = null,
        Func<CoordinatorOptions, CoordinatorOptions>? configure = null,
        Action<WebApplicationBuilder>? build = null)
    {
        var coordinator = new TestCoordinator(directory, clock, configure, build);
        await coordinator.BootAsync();
        return coordinator;
    }

    /// <summary>Stops in order and starts anew on the same state.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await BootAsync();
    }

    public async Task StopAsync()
    {
        foreach (var channel in _channels)
        {
            channel.Dispose();
        }

        _channels.Clear();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>Starts anew after <see cref="StopAsync"/>.</summary>
    public Task BootAgainAsync() => BootAsync();

    /// <summary>Lets what a moved clock has set going reach the store: each policy's grain has had a turn, and the writer too.</summary>
    public async Task SettleAsync()
    {
        var grains = Services.GetRequiredService<IGrainFactory>();
        foreach (var policy in (await Fleet.ListPoliciesAsync(new ListPoliciesRequest())).Policies)
        {
            await grains.GetGrain<IPolicyGrain>(policy.Spec.Name).RefreshAsync();
        }

        await Store.WriteAsync(static _ => { });
    }

    /// <summary>A connection without identity, or with a client certificate.</summary>
    /// <param name="from">An address of this machine; null: any.</param>
    public GrpcChannel Connect(X509Certificate2? certificate = null, IPAddress? from = null)
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) => IsOurs(certificate),
                ClientCertificates = certificate is null ? [] : [certificate],
            },
        };
        if (from is not null)
        {
            handler.ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Bind(new IPEndPoint(from, 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            };
        }

        if (certificate is not null)
        {
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        var channel = GrpcChannel.ForAddress(Address, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
        lock (_channels)
        {
            _channels.Add(channel);
        }

        return channel;
    }

    /// <summary>Enrols a host under a name.</summary>
    public Task<ScriptedAgent> EnrolAsync(string name, params (string Key, string Value)[] labels) =>
        ScriptedAgent.EnrolAsync(this, name, labels);

    /// <summary>Every event so far.</summary>
    public async Task<List<Event>> AllEventsAsync(long after = 0, params string[] types)
    {
        var request = new SubscribeRequest { AfterSequence = after, ReplayOnly = true };
        request.Types_.AddRange(types);
        using var call = Events.Subscribe(request);
        var events = new List<Event>();
        await foreach (var response in call.ResponseStream.ReadAllAsync())
        {
            if (response.KindCase == SubscribeResponse.KindOneofCase.Event)
            {
                events.Add(response.Event);
            }
        }

        return events;
    }

    /// <summary>Waits until there is an event of a type, and gives the newest one.</summary>
    public async Task<Event> EventAsync(string type, Func<Event, bool>? which = null)
    {
        var events = await Eventually.GetAsync(
            () => AllEventsAsync(0, type), found => found.Any(fact => which?.Invoke(fact) ?? true), $"an event {type}");
        return events.Last(fact => which?.Invoke(fact) ?? true);
    }

    public Task<Run> RunAsync(string runId, RunState state) =>
        Eventually.GetAsync(
            async () => await Fleet.GetRunAsync(new GetRunRequest { RunId = runId }), run => run.State == state, $"run {runId} {state}");

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_ownsDirectory)
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private bool IsOurs(X509Certificate? certificate)
    {
        using var authority = X509Certificate2.CreateFromPem(File.ReadAllText(Path.Combine(_directory, "ca.pem")));
        using var chain = new X509Chain
        {
            ChainPolicy =
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid,
            },
        };
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        return certificate is X509Certificate2 server && chain.Build(server);
    }

    private async Task BootAsync()
    {
        var options = _configure(new CoordinatorOptions
        {
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            HttpListen = null,
            StateDirectory = _directory,
            Reloadable = new ReloadableOptions
            {
                // A clock that jumps makes every time limit look broken: nothing to read there.
                LogLevel = _clock is null ? LogLevel.Warning : LogLevel.None,
            },
        });
        _app = CoordinatorApp.Build(options, configure: builder =>
        {
            _build?.Invoke(builder);
            if (_clock is not null)
            {
                builder.Services.Replace(ServiceDescriptor.Singleton(_clock));
            }
        });
        await _app.StartAsync();
        var addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Address = addresses.First(address => address.StartsWith("https", StringComparison.Ordinal));

        using var credential = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_directory, "admin-credential.json")));
        var token = credential.RootElement.GetProperty("bearerToken").GetString();
        Admin = Connect().Intercept(metadata =>
        {
            metadata.Add("authorization", $"Bearer {token}");
            return metadata;
        });
    }
}
