using System.Net;
using System.Security.Cryptography;
using Fleet.Coordinator.Identity;
using Fleet.Coordinator.Tests.Identity;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Fleet.Testing.Fuzz;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging;

namespace Fleet.Coordinator.Tests.Fuzz;

/// <summary>
/// Hosts and operators that send every message with anything in every field, to the whole coordinator over real gRPC. It must not crash,
/// hang, or call anything unexpected; and afterwards every list answers, an honest host works, and a restart finds a good store.
/// </summary>
public sealed class CoordinatorFuzzTests
{
    private static readonly IReadOnlyList<MethodDescriptor> Methods =
    [
        .. FleetReflection
            .Descriptor.Services.Concat(AdminReflection.Descriptor.Services)
            .Concat(EventReflection.Descriptor.Services)
            .SelectMany(s => s.Methods),
    ];

    private static readonly IReadOnlyList<MethodDescriptor> JoiningMethods =
        [.. AgentReflection.Descriptor.Services.SelectMany(service => service.Methods).Where(method => !method.IsClientStreaming)];

    private static readonly string[] HostNames = ["hostile-a", "hostile-b", "victim"];

    [Fact]
    public async Task EveryMessage_WithAnythingInIt_HurtsNobody()
    {
        FuzzRun.Print("coordinator");
        using var errors = new ErrorLog();
        await using var coordinator = await TestCoordinator.StartAsync(build: builder => builder.Logging.AddProvider(errors));
        await coordinator.ApplyAsync(TestPolicies.New("known"));
        await Task.WhenAll([
            HostAsync(coordinator, "hostile-a", 1),
            HostAsync(coordinator, "hostile-b", 2),
            OperatorsAsync(coordinator),
            JoiningAsync(coordinator),
        ]);

        Assert.Empty(errors.Errors);
        await AllAnswerAsync(coordinator);
        await WorksAsync(coordinator, "honest-1");
        await coordinator.RestartAsync();
        await AllAnswerAsync(coordinator);
        await WorksAsync(coordinator, "honest-2");
        Assert.Empty(errors.Errors);
    }

    private static RandomMessages Messages(int number)
    {
        var messages = new RandomMessages(FuzzRun.Seed + number);
        var runs = Enumerable.Range(0, 200).Select(_ => messages.Hex(32)).ToArray();
        messages.Sensible["run_id"] = random => runs[random.Next(runs.Length)];
        messages.Sensible["attempt"] = random => $"{random.Next(1, 4)}";
        messages.Sensible["policy_revision"] = _ => "1";
        messages.Sensible["policy"] = _ => "known";
        messages.Sensible["name"] = random => random.Next(2) == 0 ? "known" : "fleet_x_bytes";
        messages.Sensible["host"] = random => HostNames[random.Next(HostNames.Length)];
        messages.Sensible["request_id"] = random => new Guid(random.Next(), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10).ToString();
        messages.Sensible["page_size"] = random => $"{random.Next(0, 50)}";
        messages.Sensible["page_token"] = _ => "";
        messages.Sensible["protocol_revision"] = _ => "1";
        messages.Sensible["generation"] = random => $"{random.Next(1, 4)}";
        messages.Sensible["after_sequence"] = random => $"{random.Next(-1, 5)}";
        messages.Sensible["scope"] = _ => "tank/data";
        messages.Sensible["token_id"] = _ => "abcd1234";
        return messages;
    }

    private static async Task HostAsync(TestCoordinator coordinator, string name, int number)
    {
        var agent = new HostileAgent(coordinator, await coordinator.EnrolAsync(name), Messages(number));
        await agent.SendAsync(FuzzRun.Messages * 3 / 10);
    }

    private static async Task OperatorsAsync(TestCoordinator coordinator)
    {
        await coordinator.EnrolAsync("victim");
        List<HostileOperator> callers = [new(coordinator.Connect().CreateCallInvoker(), Messages(3)), new(coordinator.Admin, Messages(4))];
        foreach (var role in new[] { Role.Viewer, Role.Operator })
        {
            var created = await coordinator.AdminService.CreateOperatorAsync(
                new CreateOperatorRequest { Name = $"hostile-{role}".ToLowerInvariant(), Role = role });
            var invoker = coordinator
                .Connect()
                .Intercept(metadata =>
                {
                    metadata.Add("authorization", $"Bearer {created.BearerToken}");
                    return metadata;
                });
            callers.Add(new HostileOperator(invoker, Messages(5 + (int)role)));
        }

        // Most calls as the one who may call everything.
        await Task.WhenAll(callers.Select((caller, i) => CallAsync(caller, FuzzRun.Messages / (i == 1 ? 80 : 400))));
    }

    /// <summary>
    /// Enroll, Renew and GetAuthority, by nobody, by a host, and by one with a certificate of another authority. Each from an address of
    /// its own, since the coordinator takes few failures from one.
    /// </summary>
    private static async Task JoiningAsync(TestCoordinator coordinator)
    {
        var member = await coordinator.EnrolAsync("hostile-c");
        var token = await coordinator.AdminService.CreateJoinTokenAsync(
            new CreateJoinTokenRequest { RequestId = Guid.NewGuid().ToString(), MaxUses = 1_000 });
        using var foreign = ForeignCertificates.Make(CertificateIdentity.HostUri(member.HostId));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var callers = new List<HostileOperator>();
        for (var i = 0; i < 12; i++)
        {
            var messages = Messages(20 + i);
            messages.Sensible["token"] = _ => token.Secret;
            messages.Sensible["csr_pem"] = _ => Requests.Csr(key);
            messages.Sensible["host_name"] = random => $"joined-{random.Next(1_000)}";
            messages.SensibleShare = 0.9;
            var certificate = (i % 3) switch
            {
                0 => null,
                1 => member.Certificate,
                _ => foreign,
            };
            callers.Add(
                new HostileOperator(coordinator.Connect(certificate, IPAddress.Parse($"127.0.1.{i + 1}")).CreateCallInvoker(), messages));
        }

        await Task.WhenAll(callers.Select(caller => CallAsync(caller, FuzzRun.Messages / 600, JoiningMethods)));

        // It was worth something: some got in.
        Assert.Contains((await coordinator.Fleet.ListHostsAsync(new ListHostsRequest { PageSize = 1_000 })).Hosts, host =>
            host.Name.StartsWith("joined-", StringComparison.Ordinal));
    }

    private static Task CallAsync(HostileOperator caller, int calls) => CallAsync(caller, calls, Methods);

    private static async Task CallAsync(HostileOperator caller, int calls, IReadOnlyList<MethodDescriptor> methods)
    {
        for (var i = 0; i < calls; i++)
        {
            await caller.CallAsync(methods[i % methods.Count]);
        }
    }

    /// <summary>Everything that is listed anywhere, to its last page, in the form that scripts read.</summary>
    private static async Task AllAnswerAsync(TestCoordinator coordinator)
    {
        var (fleet, admin) = (coordinator.Fleet, coordinator.AdminService);
        await PagesAsync(async token => Next(await fleet.ListHostsAsync(new ListHostsRequest { PageToken = token }), r => r.NextPageToken));
        await PagesAsync(async token =>
            Next(await fleet.ListPoliciesAsync(new ListPoliciesRequest { PageToken = token }), r => r.NextPageToken));
        await PagesAsync(async token => Next(await fleet.ListRunsAsync(new ListRunsRequest { PageToken = token }), r => r.NextPageToken));
        await PagesAsync(async token =>
            Next(await fleet.ListSnapshotsAsync(new ListSnapshotsRequest { PageToken = token, IncludeGone = true }), r => r.NextPageToken));
        await PagesAsync(async token => Next(await admin.ListAuditAsync(new ListAuditRequest { PageToken = token }), r => r.NextPageToken));
        await PagesAsync(async token =>
            Next(await admin.ListJoinTokensAsync(new ListJoinTokensRequest { PageToken = token }), r => r.NextPageToken));
        await PagesAsync(async token =>
            Next(await admin.ListOperatorsAsync(new ListOperatorsRequest { PageToken = token }), r => r.NextPageToken));
        foreach (var run in (await fleet.ListRunsAsync(new ListRunsRequest { PageSize = 50 })).Runs)
        {
            Next(await fleet.GetRunAsync(new GetRunRequest { RunId = run.RunId }), _ => "");
            Next(await fleet.ListRunLogAsync(new ListRunLogRequest { RunId = run.RunId }), _ => "");
        }

        Next(await fleet.GetStatusAsync(new GetStatusRequest()), _ => "");
        Next(await fleet.GetLatestMetricsAsync(new GetLatestMetricsRequest { Names = { "*" } }), _ => "");
        foreach (var host in (await fleet.ListHostsAsync(new ListHostsRequest())).Hosts)
        {
            Next(await fleet.GetHostAsync(new GetHostRequest { Host = host.HostId }), _ => "");
            Next(await fleet.QueryMetricsAsync(new QueryMetricsRequest { Host = host.HostId, Names = { "*" } }), _ => "");
            try
            {
                Next(await fleet.GetStorageAsync(new GetStorageRequest { Host = host.HostId }), _ => "");
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.NotFound)
            {
                // It never told.
            }
        }

        foreach (var fact in await coordinator.AllEventsAsync())
        {
            Next(fact, _ => "");
        }
    }

    private static async Task PagesAsync(Func<string, Task<string>> page)
    {
        for (var token = await page(""); token.Length > 0; token = await page(token))
        {
        }
    }

    private static string Next<T>(T answer, Func<T, string> token)
        where T : IMessage
    {
        Assert.NotEmpty(JsonFormatter.Default.Format(answer));
        return token(answer);
    }

    /// <summary>A host that behaves is enrolled and runs something.</summary>
    private static async Task WorksAsync(TestCoordinator coordinator, string name)
    {
        var agent = await coordinator.EnrolAsync(name);
        await using var session = await agent.OpenAsync();
        await coordinator.ApplyAsync(TestPolicies.New(name));
        var run = await coordinator.StartAsync(name, name);
        var command = await session.CommandAsync();
        await session.StartAsync(command);
        await session.FinishAsync(command);
        Assert.Equal(RunState.Succeeded, (await coordinator.Fleet.GetRunAsync(new GetRunRequest { RunId = run.RunId })).State);
    }
}
