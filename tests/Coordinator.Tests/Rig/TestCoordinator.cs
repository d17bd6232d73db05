using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Grains;
using Fleet.Coordinator.Hosting;
using Fleet.Coordinator.Identity;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Fleet.Coordinator.Tests.Rig;

/// <summary>The whole coordinator in this process: real store, real grains, real TLS on free ports of loopback.</summary>
internal sealed class TestCoordinator : IAsyncDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);
    private readonly string _directory;
    private readonly TimeProvider? _clock;
    private readonly Func<CoordinatorOptions, CoordinatorOptions> _configure;
    private readonly bool _ownsDirectory;
    private readonly bool _httpListener;
    private readonly Action<WebApplicationBuilder>? _build;
    private WebApplication _app = null!;
    private CoordinatorChannels _channels = null!;
    private string? _httpAddress;

    private TestCoordinator(
        string? directory,
        TimeProvider? clock,
        Func<CoordinatorOptions, CoordinatorOptions>? configure,
        Action<WebApplicationBuilder>? build,
        bool httpListener)
    {
        _build = build;
        _httpListener = httpListener;
        _ownsDirectory = directory is null;
        _directory = directory ?? Directory.CreateTempSubdirectory("fleet-coordinator-test-").FullName;
        _clock = clock;
        _configure = configure ?? (static options => options);
    }

    public string StateDirectory => _directory;

    /// <summary>Of gRPC over TLS: https://localhost:port.</summary>
    public string Address { get; private set; } = "";

    /// <summary>The first admin's, from the file that the first start writes.</summary>
    public string AdminToken { get; private set; } = "";

    /// <summary>The fleet's authority, from the same file.</summary>
    public string CaPem { get; private set; } = "";

    public IServiceProvider Services => _app.Services;

    public FleetStore Store => Services.GetRequiredService<FleetStore>();

    /// <summary>As the first admin.</summary>
    public CallInvoker Admin { get; private set; } = null!;

    public FleetService.FleetServiceClient Fleet => new(Admin);

    public EventService.EventServiceClient Events => new(Admin);

    public AdminService.AdminServiceClient AdminService => new(Admin);

    /// <param name="clock">Null: the system's.</param>
    /// <param name="directory">The state of an earlier one, which is kept at the end; null: a new one, which is not.</param>
    /// <param name="httpListener">Whether there is the plain listener for <see cref="GetPageAsync"/>.</param>
    public static async Task<TestCoordinator> StartAsync(
        TimeProvider? clock = null,
        string? directory = null,
        Func<CoordinatorOptions, CoordinatorOptions>? configure = null,
        Action<WebApplicationBuilder>? build = null,
        bool httpListener = false)
    {
        var coordinator = new TestCoordinator(directory, clock, configure, build, httpListener);
        await coordinator.BootAsync();
        return coordinator;
    }

    /// <summary>Stops in order and starts anew on the same state.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await BootAsync();
    }

    /// <summary>Stops it and keeps its state.</summary>
    public async Task StopAsync()
    {
        _channels.Dispose();
        using var limit = new CancellationTokenSource(StopLimit);
        await _app.StopAsync(limit.Token);
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

    /// <inheritdoc cref="CoordinatorChannels.NewHandler"/>
    public SocketsHttpHandler NewHandler() => _channels.NewHandler();

    /// <inheritdoc cref="CoordinatorChannels.Connect"/>
    public GrpcChannel Connect(X509Certificate2? certificate = null, IPAddress? from = null, string? bearerToken = null) =>
        _channels.Connect(certificate, from, bearerToken);

    /// <summary>The text of a page of the plain listener.</summary>
    public async Task<string> GetPageAsync(string path)
    {
        var address = _httpAddress ?? throw new InvalidOperationException("It was started without the plain listener.");
        using var http = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(30) };
        return await http.GetStringAsync(path);
    }

    /// <summary>A new join token, as fleet-agent sends it.</summary>
    public async Task<string> JoinTokenAsync(Action<CreateJoinTokenRequest>? change = null)
    {
        var request = new CreateJoinTokenRequest { RequestId = Guid.NewGuid().ToString() };
        change?.Invoke(request);
        return Requests.TokenToSend(await AdminService.CreateJoinTokenAsync(request));
    }

    /// <summary>Enrols a host that has an identity and no agent.</summary>
    /// <param name="token">Null: a new one.</param>
    public async Task<EnrolledHost> EnrolHostAsync(string name, string? token = null)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var response = await new AgentService.AgentServiceClient(Connect()).EnrollAsync(
            Requests.Enrol(token ?? await JoinTokenAsync(), name, key));
        return new EnrolledHost(response.HostId, name, Requests.WithKey(response.CertificatePem, key), key);
    }

    /// <summary>Enrols a host with an agent that does what the test says.</summary>
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
            TestDatabase.Drop(_directory);
            Directory.Delete(_directory, recursive: true);
        }
    }

    private async Task BootAsync()
    {
        var options = _configure(new CoordinatorOptions
        {
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            HttpListen = _httpListener ? new IPEndPoint(IPAddress.Loopback, 0) : null,
            StateDirectory = _directory,
            Database = TestDatabase.Of(_directory),
            Reloadable = new ReloadableOptions
            {
                LogLevel = _clock switch
                {
                    null => LogLevel.Warning,
                    ShiftedClock => LogLevel.Error,

                    // A clock whose timers jump makes every time limit look broken: nothing to read there.
                    _ => LogLevel.None,
                },
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
        Address = addresses
            .First(static address => address.StartsWith("https://", StringComparison.Ordinal))
            .Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        _httpAddress = addresses.FirstOrDefault(static address => address.StartsWith("http://", StringComparison.Ordinal));

        using var credential = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_directory, FirstAdmin.FileName)));
        AdminToken = credential.RootElement.GetProperty("bearerToken").GetString()!;
        CaPem = credential.RootElement.GetProperty("caCertificatePem").GetString()!;
        _channels = new CoordinatorChannels(Address, CaPem, _clock);
        Admin = Connect(bearerToken: AdminToken).CreateCallInvoker();
    }
}
