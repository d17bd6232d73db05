using System.Security.Cryptography;
using Fleet.Coordinator.Identity;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;

namespace Fleet.Coordinator.Tests.Identity;

public sealed class OperatorTests : IAsyncLifetime
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(static (byte[] bytes) => bytes, static bytes => bytes);
    private readonly ShiftedClock _clock = new();
    private TestCoordinator _coordinator = null!;

    public async ValueTask InitializeAsync() => _coordinator = await TestCoordinator.StartAsync(_clock);

    public ValueTask DisposeAsync() => _coordinator.DisposeAsync();

    [Fact]
    public async Task EveryMethod_ByEveryRole_IsAllowedExactlyFromItsLeastRoleOn()
    {
        var callers = new (LeastRole? Role, GrpcChannel Channel)[]
        {
            (null, _coordinator.Connect()),
            (LeastRole.Viewer, _coordinator.Connect(bearerToken: (await CreateAsync("v", Role.Viewer)).BearerToken)),
            (LeastRole.Operator, _coordinator.Connect(bearerToken: (await CreateAsync("o", Role.Operator)).BearerToken)),
            (LeastRole.Admin, _coordinator.Connect(bearerToken: (await CreateAsync("a", Role.Admin)).BearerToken)),
        };
        foreach (var (method, rule) in RpcRoles.Table)
        {
            foreach (var (role, channel) in callers)
            {
                var code = await CallAsync(channel, method);
                var expected = rule.Least == LeastRole.Anonymous
                    ? null
                    : role is null
                        ? StatusCode.Unauthenticated
                        : rule.Least == LeastRole.Host || role < rule.Least ? (StatusCode?)StatusCode.PermissionDenied : null;
                if (expected is null)
                {
                    Assert.False(
                        code == StatusCode.PermissionDenied
                            || (code == StatusCode.Unauthenticated && method != "/fleet.v1.AgentService/Enroll"),
                        $"{method} by {role}: {code}");
                }
                else
                {
                    Assert.True(expected == code, $"{method} by {role}: {code} instead of {expected}");
                }
            }
        }
    }

    [Fact]
    public async Task CreateOperator_WithCsr_IsKnownByItsCertificateUntilRemoved()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var created = await _coordinator.AdminService.CreateOperatorAsync(
            new CreateOperatorRequest { Name = "anna@home", Role = Role.Viewer, CsrPem = Requests.Csr(key) });
        Assert.Empty(created.BearerToken);
        var certificate = Requests.WithKey(created.CertificatePem, key);
        var client = new AdminService.AdminServiceClient(_coordinator.Connect(certificate: certificate));

        Assert.Equal("anna@home", (await client.WhoAmIAsync(new WhoAmIRequest())).Name);

        await _coordinator.AdminService.RemoveOperatorAsync(new RemoveOperatorRequest { Name = "anna@home" });
        await Requests.RefusedAsync(
            StatusCode.Unauthenticated, Reason.IdentityRevoked, () => client.WhoAmIAsync(new WhoAmIRequest()).ResponseAsync);

        // Another of the same name is not the one of the old certificate.
        await CreateAsync("anna@home", Role.Admin);
        await Requests.RefusedAsync(
            StatusCode.Unauthenticated, Reason.IdentityRevoked, () => client.WhoAmIAsync(new WhoAmIRequest()).ResponseAsync);
    }

    [Fact]
    public async Task RemoveOperator_WithALongCall_EndsIt()
    {
        var viewer = await CreateAsync("dashboard", Role.Viewer);
        using var call = new EventService.EventServiceClient(_coordinator.Connect(bearerToken: viewer.BearerToken)).Subscribe(
            new SubscribeRequest { AfterSequence = -1, HeartbeatInterval = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) });
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Requests.Patience));

        await _coordinator.AdminService.RemoveOperatorAsync(new RemoveOperatorRequest { Name = "dashboard" });

        await Requests.RefusedAsync(StatusCode.Unauthenticated, Reason.IdentityRevoked, async () =>
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Requests.Patience))
            {
            }
        });
    }

    [Fact]
    public async Task RemoveOperator_LastAdmin_IsRefused()
    {
        await Requests.RefusedAsync(
            StatusCode.FailedPrecondition,
            Reason.WrongState,
            () => _coordinator.AdminService.RemoveOperatorAsync(new RemoveOperatorRequest { Name = "admin" }).ResponseAsync);

        await CreateAsync("second", Role.Admin);
        await _coordinator.AdminService.RemoveOperatorAsync(new RemoveOperatorRequest { Name = "admin" });
    }

    [Fact]
    public async Task Call_AfterTheCredentialsEnd_IsRefused()
    {
        var created = await _coordinator.AdminService.CreateOperatorAsync(new CreateOperatorRequest
        {
            Name = "short",
            Role = Role.Viewer,
            Lifetime = Duration.FromTimeSpan(TimeSpan.FromHours(1)),
        });
        _clock.Shift = TimeSpan.FromHours(2);
        var client = new AdminService.AdminServiceClient(_coordinator.Connect(bearerToken: created.BearerToken));

        await Requests.RefusedAsync(
            StatusCode.Unauthenticated, Reason.IdentityInvalid, () => client.WhoAmIAsync(new WhoAmIRequest()).ResponseAsync);
    }

    [Theory]
    [InlineData("Bearer nonsense")]
    [InlineData("Basic YWRtaW46YWRtaW4=")]
    [InlineData("Bearer fleetop.abcdefgh.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task Call_WithAnUnknownToken_IsRefused(string authorization)
    {
        var client = new AdminService.AdminServiceClient(_coordinator.Connect());

        await Requests.RefusedAsync(
            StatusCode.Unauthenticated,
            Reason.IdentityInvalid,
            () => client.WhoAmIAsync(new WhoAmIRequest(), new Metadata { { "authorization", authorization } }).ResponseAsync);
    }

    [Fact]
    public async Task CreateOperator_NameTaken_IsRefused()
    {
        await CreateAsync("anna", Role.Viewer);

        await Requests.RefusedAsync(StatusCode.AlreadyExists, Reason.AlreadyExists, () => CreateAsync("anna", Role.Viewer));
    }

    [Fact]
    public async Task ListOperators_ByPages_ShowsEachOnceAndNoSecret()
    {
        foreach (var name in new[] { "c", "a", "b" })
        {
            await CreateAsync(name, Role.Viewer);
        }

        var names = new List<string>();
        var request = new ListOperatorsRequest { PageSize = 2 };
        do
        {
            var page = await _coordinator.AdminService.ListOperatorsAsync(request);
            names.AddRange(page.Operators.Select(static o => o.Name));
            request.PageToken = page.NextPageToken;
            Assert.DoesNotContain("fleetop", page.ToString(), StringComparison.Ordinal);
        }
        while (request.PageToken.Length > 0);

        Assert.Equal(["a", "admin", "b", "c"], names);
    }

    [Fact]
    public async Task FirstAdmin_SecondStart_KeepsTheCredential()
    {
        var state = Directory.CreateTempSubdirectory("fleet-coordinator-").FullName;
        try
        {
            var first = await TestCoordinator.StartAsync(directory: state);
            var path = Path.Combine(state, FirstAdmin.FileName);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            await first.StopAsync();
            await using var second = await TestCoordinator.StartAsync(directory: state);

            Assert.Equal(first.AdminToken, second.AdminToken);
            Assert.Equal(first.CaPem, second.CaPem);
            Assert.Equal(Role.Admin, (await second.AdminService.WhoAmIAsync(new WhoAmIRequest())).Role);
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    private async Task<CreateOperatorResponse> CreateAsync(string name, Role role) =>
        await _coordinator.AdminService.CreateOperatorAsync(new CreateOperatorRequest { Name = name, Role = role });

    /// <summary>Calls a method with an empty request as a duplex stream, which every kind of method understands.</summary>
    private static async Task<StatusCode> CallAsync(GrpcChannel channel, string method)
    {
        var parts = method.Split('/');
        using var call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(
            new Method<byte[], byte[]>(MethodType.DuplexStreaming, parts[1], parts[2], Bytes, Bytes), null, new CallOptions());
        try
        {
            await call.RequestStream.WriteAsync([]);
            await call.RequestStream.CompleteAsync();
        }
        catch (Exception exception) when (exception is RpcException or InvalidOperationException)
        {
            // Refused already.
        }

        try
        {
            // The first answer is enough of those that follow forever.
            await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Requests.Patience);
            return StatusCode.OK;
        }
        catch (RpcException exception)
        {
            return exception.StatusCode;
        }
    }
}
