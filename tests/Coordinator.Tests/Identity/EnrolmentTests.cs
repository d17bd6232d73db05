using System.Security.Cryptography;
using Fleet.Coordinator.Identity;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleet.Coordinator.Tests.Identity;

public sealed class EnrolmentTests : IAsyncLifetime
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ShiftedClock _clock = new();
    private TestCoordinator _coordinator = null!;

    private AgentService.AgentServiceClient Agent => new(_coordinator.Connect());

    public async ValueTask InitializeAsync() => _coordinator = await TestCoordinator.StartAsync(_clock);

    public ValueTask DisposeAsync() => _coordinator.DisposeAsync();

    [Fact]
    public async Task GetAuthority_WithoutIdentity_IsWhatTheTokenPins()
    {
        var created = await _coordinator.AdminService.CreateJoinTokenAsync(
            new CreateJoinTokenRequest { RequestId = Guid.NewGuid().ToString() });
        var authority = await Agent.GetAuthorityAsync(new GetAuthorityRequest());

        var der = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(authority.CaCertificatePem).RawData;
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(der)), created.Secret.Split('.')[3]);
    }

    [Fact]
    public async Task Enroll_GoodToken_GivesAnIdentityThatRenewsAndKeepsItsId()
    {
        var host = await _coordinator.EnrolHostAsync("nas");
        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        var renewed = await new AgentService.AgentServiceClient(_coordinator.Connect(certificate: host.Certificate))
            .RenewAsync(new RenewRequest { CsrPem = Requests.Csr(next) });

        using var certificate = Requests.WithKey(renewed.CertificatePem, next);
        Assert.Equal(host.HostId, CertificateIdentity.Read(certificate)?.Id);
        Assert.Equal(CertificateIdentity.Read(host.Certificate), CertificateIdentity.Read(certificate));
    }

    [Fact]
    public async Task Enroll_WrongSecret_IsRefused()
    {
        var token = await _coordinator.JoinTokenAsync();
        var wrong = token[..^1] + (token[^1] == 'a' ? 'b' : 'a');

        var refusal = await Requests.RefusedAsync(StatusCode.Unauthenticated, Reason.TokenInvalid, () => EnrolAsync(wrong, "nas"));
        Assert.DoesNotContain(wrong, refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Enroll_ExpiredToken_IsRefused()
    {
        var token = await _coordinator.JoinTokenAsync(static r => r.Lifetime = Duration.FromTimeSpan(TimeSpan.FromMinutes(5)));
        _clock.Shift = TimeSpan.FromMinutes(6);

        await Requests.RefusedAsync(StatusCode.Unauthenticated, Reason.TokenExpired, () => EnrolAsync(token, "nas"));
    }

    [Fact]
    public async Task Enroll_TokenUsedBefore_IsRefused()
    {
        var token = await _coordinator.JoinTokenAsync();
        await EnrolAsync(token, "first");

        await Requests.RefusedAsync(StatusCode.Unauthenticated, Reason.TokenUsedUp, () => EnrolAsync(token, "second"));
    }

    [Fact]
    public async Task Enroll_ManyAtOnceWithATokenForThree_LetsExactlyThreeIn()
    {
        var token = await _coordinator.JoinTokenAsync(static r => r.MaxUses = 3);

        var attempts = await Task.WhenAll(Enumerable.Range(0, 10).Select(async i =>
        {
            try
            {
                using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
                await Agent.EnrollAsync(Requests.Enrol(token, $"host{i}", key));
                return true;
            }
            catch (RpcException)
            {
                return false;
            }
        }));

        Assert.Equal(3, attempts.Count(static joined => joined));
    }

    [Fact]
    public async Task Enroll_RevokedToken_IsRefused()
    {
        var token = await _coordinator.JoinTokenAsync();
        await _coordinator.AdminService.RevokeJoinTokenAsync(new RevokeJoinTokenRequest { TokenId = token.Split('.')[1] });

        await Requests.RefusedAsync(StatusCode.Unauthenticated, Reason.TokenInvalid, () => EnrolAsync(token, "nas"));
    }

    [Fact]
    public async Task Enroll_TokenBoundToAName_LetsOnlyThatNameIn()
    {
        var token = await _coordinator.JoinTokenAsync(static r => r.HostName = "nas");

        await Requests.RefusedAsync(StatusCode.InvalidArgument, Reason.InvalidArgument, () => EnrolAsync(token, "other"));
        await EnrolAsync(token, "nas");
    }

    [Theory]
    [InlineData('a', 'a', true)]
    [InlineData('a', 'b', false)]
    public async Task Enroll_NameTaken_RemovalIsOfferedToTheSameMachineOnly(char there, char here, bool offered)
    {
        async Task EnrolAsAsync(char machine)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = Requests.Enrol(await _coordinator.JoinTokenAsync(), "web1", key);
            request.Facts = new HostFacts { MachineIdHash = new string(machine, 64) };
            await Agent.EnrollAsync(request);
        }

        await EnrolAsAsync(there);
        var refused = await Assert.ThrowsAsync<RpcException>(() => EnrolAsAsync(here));

        var detail = ErrorDetail.Parser.ParseFrom(refused.Trailers.GetValueBytes("fleet-error-bin"));
        Assert.Equal(offered, detail.WhatToDo.Contains("fleet host remove", StringComparison.Ordinal));
        Assert.Contains("--name", detail.WhatToDo, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Enroll_NameTaken_IsRefusedAndCostsNoUse()
    {
        await _coordinator.EnrolHostAsync("nas");
        var token = await _coordinator.JoinTokenAsync();

        await Requests.RefusedAsync(StatusCode.AlreadyExists, Reason.AlreadyExists, () => EnrolAsync(token, "nas"));
        await EnrolAsync(token, "nas2");
    }

    [Fact]
    public async Task Enroll_SameRequestAndKeyAgain_IsTheSameHost()
    {
        var token = await _coordinator.JoinTokenAsync();
        var request = Requests.Enrol(token, "nas", _key);
        var first = await Agent.EnrollAsync(request);
        request.CsrPem = Requests.Csr(_key);

        var second = await Agent.EnrollAsync(request);

        Assert.Equal(first.HostId, second.HostId);
    }

    [Fact]
    public async Task Enroll_SameRequestWithAnotherKey_IsRefused()
    {
        var token = await _coordinator.JoinTokenAsync();
        var request = Requests.Enrol(token, "nas", _key);
        await Agent.EnrollAsync(request);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        request.CsrPem = Requests.Csr(other);

        await Requests.RefusedAsync(StatusCode.AlreadyExists, Reason.RequestIdReused, () => Agent.EnrollAsync(request).ResponseAsync);
    }

    [Fact]
    public async Task Enroll_LabelsOfToken_WinOverThoseOfTheHost()
    {
        var token = await _coordinator.JoinTokenAsync(static r => r.Labels.Add("site", "cellar"));
        var request = Requests.Enrol(token, "nas", _key);
        request.Labels.Add("site", "attic");
        request.Labels.Add("kind", "nas");
        await Agent.EnrollAsync(request);

        var host = await _coordinator.Fleet.GetHostAsync(new GetHostRequest { Host = "nas" });

        Assert.Equal("cellar", host.Labels["site"]);
        Assert.Equal("nas", host.Labels["kind"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-nas")]
    [InlineData("Nas")]
    [InlineData("na\ns")]
    [InlineData("\u001b[2Jnas")]
    public async Task Enroll_HostNameThatBreaksTheRules_IsRefused(string name)
    {
        var token = await _coordinator.JoinTokenAsync();

        await Requests.RefusedAsync(StatusCode.InvalidArgument, Reason.InvalidArgument, () => EnrolAsync(token, name));
    }

    [Fact]
    public async Task Enroll_GuessingTokens_IsSlowedDown()
    {
        var guess = $"fleet1.abcdefgh.{new string('a', 32)}";
        for (var i = 0; i < AttemptLimiter.FailureBurst; i++)
        {
            await Requests.RefusedAsync(StatusCode.Unauthenticated, Reason.TokenInvalid, () => EnrolAsync(guess, "nas"));
        }

        await Requests.RefusedAsync(StatusCode.ResourceExhausted, Reason.QueueFull, () => EnrolAsync(guess, "nas"));
    }

    [Fact]
    public async Task CreateJoinToken_SameRequestAgain_MakesNoSecondTokenAndShowsNoSecret()
    {
        var request = new CreateJoinTokenRequest { RequestId = Guid.NewGuid().ToString(), Note = "nas" };
        var first = await _coordinator.AdminService.CreateJoinTokenAsync(request);
        var second = await _coordinator.AdminService.CreateJoinTokenAsync(request);

        Assert.Equal(first.Token.TokenId, second.Token.TokenId);
        Assert.Empty(second.Secret);
        Assert.Single((await _coordinator.AdminService.ListJoinTokensAsync(new ListJoinTokensRequest())).Tokens);
        request.Note = "other";
        await Requests.RefusedAsync(
            StatusCode.AlreadyExists, Reason.RequestIdReused, () => _coordinator.AdminService.CreateJoinTokenAsync(request).ResponseAsync);
    }

    private Task<EnrollResponse> EnrolAsync(string token, string name) =>
        Agent.EnrollAsync(Requests.Enrol(token, name, _key)).ResponseAsync;
}
