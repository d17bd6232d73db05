using Fleet.Coordinator.Identity;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleet.Coordinator.Tests.Identity;

public sealed class HostIdentityTests : IAsyncLifetime
{
    private readonly ShiftedClock _clock = new();
    private TestCoordinator _coordinator = null!;

    public async ValueTask InitializeAsync() => _coordinator = await TestCoordinator.StartAsync(_clock);

    public ValueTask DisposeAsync() => _coordinator.DisposeAsync();

    [Fact]
    public async Task Session_WithoutCertificate_IsRefusedWithWhatToDo()
    {
        var refusal = await Requests.RefusedAsync(StatusCode.Unauthenticated, Reason.NoIdentity, () => OpenAsync(null));

        Assert.Contains("certificate", refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_CertificateOfAnotherAuthority_IsRefusedWithAReasonInsteadOfATlsAlert()
    {
        using var foreign = ForeignCertificates.Make(CertificateIdentity.HostUri(Guid.NewGuid().ToString("D")));

        var refusal = await Requests.RefusedAsync(StatusCode.Unauthenticated, Reason.IdentityInvalid, () => OpenAsync(foreign));

        Assert.Contains("not issued by this fleet", refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RemoveHost_WithALiveStream_EndsItAndItsIdentity()
    {
        var host = await _coordinator.EnrolHostAsync("nas");
        using var session = await OpenAsync(host.Certificate);

        await _coordinator.AdminService.RemoveHostAsync(new RemoveHostRequest { Host = "nas", Reason = "sold" });

        await Requests.RefusedAsync(StatusCode.Unauthenticated, Reason.IdentityRevoked, () => ReadToEndAsync(session));
        await Requests.RefusedAsync(StatusCode.Unauthenticated, Reason.IdentityRevoked, () => OpenAsync(host.Certificate));
        await Requests.RefusedAsync(StatusCode.Unauthenticated, Reason.IdentityRevoked, () => RenewAsync(host));
    }

    [Fact]
    public async Task RemoveHost_ThenEnrolTheSameName_IsAnotherId()
    {
        var first = await _coordinator.EnrolHostAsync("nas");
        await _coordinator.AdminService.RemoveHostAsync(new RemoveHostRequest { Host = first.HostId });

        var second = await _coordinator.EnrolHostAsync("nas");

        Assert.NotEqual(first.HostId, second.HostId);
        await Requests.RefusedAsync(StatusCode.Unauthenticated, Reason.IdentityRevoked, () => OpenAsync(first.Certificate));
    }

    [Fact]
    public async Task Renew_AfterMonthsOff_WorksWhileNothingElseDoes()
    {
        var host = await _coordinator.EnrolHostAsync("nas");
        _clock.Shift = TimeSpan.FromDays(200);
        await AcceptClockAsync();

        await Requests.RefusedAsync(StatusCode.Unauthenticated, Reason.IdentityInvalid, () => OpenAsync(host.Certificate));
        await RenewAsync(host);
    }

    [Fact]
    public async Task Renew_MoreThanAYearAfterTheEnd_IsRefused()
    {
        var host = await _coordinator.EnrolHostAsync("nas");
        _clock.Shift = CertificateAuthority.HostLifetime + CallerAuthenticator.RenewGrace + TimeSpan.FromDays(1);
        await AcceptClockAsync();

        var refusal = await Requests.RefusedAsync(StatusCode.Unauthenticated, Reason.IdentityInvalid, () => RenewAsync(host));

        Assert.Contains("expired", refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FleetService_WithAHostsCertificate_IsRefused()
    {
        var host = await _coordinator.EnrolHostAsync("nas");
        var client = new FleetService.FleetServiceClient(_coordinator.Connect(certificate: host.Certificate));

        await Requests.RefusedAsync(
            StatusCode.PermissionDenied, Reason.RoleTooLow, () => client.GetStatusAsync(new GetStatusRequest()).ResponseAsync);
    }

    /// <summary>Otherwise it is one that jumped, by which nothing ends.</summary>
    private async Task AcceptClockAsync() =>
        Assert.True((await _coordinator.AdminService.AcceptClockAsync(new AcceptClockRequest { Note = "it was off" })).Accepted);

    private Task<RenewResponse> RenewAsync(EnrolledHost host) =>
        new AgentService.AgentServiceClient(_coordinator.Connect(certificate: host.Certificate))
            .RenewAsync(new RenewRequest { CsrPem = Requests.Csr(host.Key) })
            .ResponseAsync;

    private async Task<AsyncDuplexStreamingCall<AgentMessage, CoordinatorMessage>> OpenAsync(
        System.Security.Cryptography.X509Certificates.X509Certificate2? certificate)
    {
        var call = new AgentService.AgentServiceClient(_coordinator.Connect(certificate: certificate)).Session();
        try
        {
            await call.RequestStream.WriteAsync(new AgentMessage
            {
                Hello = new Hello
                {
                    ProtocolRevision = 1,
                    AgentVersion = "0.1.0",
                    HostName = "nas",
                    BootId = Guid.NewGuid().ToString(),
                    InstanceId = Guid.NewGuid().ToString(),
                    SentAt = _clock.GetUtcNow().ToTimestamp(),
                },
            });
        }
        catch (Exception exception) when (exception is RpcException or InvalidOperationException)
        {
            // Refused before the message was written: the read tells why.
        }

        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Requests.Patience));
        Assert.Equal(CoordinatorMessage.KindOneofCase.Welcome, call.ResponseStream.Current.KindCase);
        return call;
    }

    private static async Task ReadToEndAsync(AsyncDuplexStreamingCall<AgentMessage, CoordinatorMessage> call)
    {
        while (await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Requests.Patience))
        {
        }
    }
}
