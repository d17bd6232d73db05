using System.Net.Sockets;
using Fleet.Agent.Configuration;
using Fleet.Agent.Enrolment;
using Fleet.Agent.Storage;
using Fleet.Agent.Tests.Session;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Agent.Tests.Enrolment;

public sealed class EnrollCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();
    private Func<Task<string>> _fullName = static () => Task.FromResult("localhost");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Enroll_GoodToken_IdentityIsStoredPrivately()
    {
        await using var coordinator = await StartAsync();
        Assert.Equal(0, await EnrollAsync(coordinator.Address, coordinator.Token));
        var identity = new IdentityStore(_folder.Path).Load(out var problem);
        Assert.Equal("", problem);
        Assert.Equal(("7f1e9d0c-0000-4000-8000-000000000007", "nas1"), (identity!.HostId, identity.Name));
        Assert.True(identity.Certificate.HasPrivateKey);
        Assert.Equal(DurableFile.PrivateFile, File.GetUnixFileMode(_folder.File("identity/key.pem")));
        Assert.Equal(DurableFile.PrivateFolder, File.GetUnixFileMode(_folder.File("identity")));
        Assert.Equal("fleet1.abcd1234.secret", Assert.Single(coordinator.Plays.Enrolled).Token);
        Assert.False(File.Exists(_folder.File("enrolment.pending")));
    }

    [Fact]
    public async Task Enroll_WrongAuthorityHash_NothingSecretIsSent()
    {
        await using var coordinator = await StartAsync();
        var token = coordinator.Token[..^4] + (coordinator.Token.EndsWith("0000", StringComparison.Ordinal) ? "1111" : "0000");
        Assert.Equal(1, await EnrollAsync(coordinator.Address, token));
        Assert.Contains("Nothing secret was sent", _errors.ToString(), StringComparison.Ordinal);
        Assert.Empty(coordinator.Plays.Enrolled);
        Assert.False(new IdentityStore(_folder.Path).Exists);
    }

    [Theory]
    [InlineData(StatusCode.Unauthenticated, "TOKEN_EXPIRED", "has expired")]
    [InlineData(StatusCode.Unauthenticated, "TOKEN_USED_UP", "as often as it allows")]
    [InlineData(StatusCode.Unauthenticated, "TOKEN_INVALID", "does not know the token")]
    [InlineData(StatusCode.AlreadyExists, "ALREADY_EXISTS", "the name nas1 is taken")]
    [InlineData(StatusCode.Internal, "SOMETHING_NEW", "no\\x0away")]
    public async Task Enroll_Refused_SaysWhyAndWhatToDo(StatusCode code, string reason, string says)
    {
        await using var coordinator = await StartAsync();
        coordinator.Plays.OnEnroll = _ => throw ScriptedCoordinator.Refusal(code, reason, "no\nway");
        Assert.Equal(1, await EnrollAsync(coordinator.Address, coordinator.Token));
        Assert.Contains(says, _errors.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret.", _errors.ToString(), StringComparison.Ordinal);
        Assert.False(new IdentityStore(_folder.Path).Exists);
    }

    [Fact]
    public async Task Enroll_NameIsTaken_OffersTheFullName()
    {
        await using var coordinator = await StartAsync();
        coordinator.Plays.OnEnroll = _ => throw ScriptedCoordinator.Refusal(StatusCode.AlreadyExists, "ALREADY_EXISTS", "taken");
        _fullName = static () => Task.FromResult("NAS1.Attic.Example.org");

        Assert.Equal(1, await EnrollAsync(coordinator.Address, coordinator.Token));

        Assert.Contains("the name nas1 is taken", _errors.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("You can try this host's full name: --name nas1.attic.example.org\n", _errors.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nas1")] // It has no other.
    [InlineData("localhost")]
    [InlineData("")]
    [InlineData(null)] // Name resolution does not answer.
    public async Task Enroll_NameIsTaken_NoFullName_OffersNone(string? full)
    {
        await using var coordinator = await StartAsync();
        coordinator.Plays.OnEnroll = _ => throw ScriptedCoordinator.Refusal(StatusCode.AlreadyExists, "ALREADY_EXISTS", "taken");
        _fullName = () =>
            full is null ? Task.FromException<string>(new SocketException((int)SocketError.HostNotFound)) : Task.FromResult(full);

        Assert.Equal(1, await EnrollAsync(coordinator.Address, coordinator.Token));

        Assert.DoesNotContain("this host's full name", _errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Enroll_AnswerIsLost_SameRequestIsRepeated()
    {
        await using var coordinator = await StartAsync();
        var answer = coordinator.Plays.OnEnroll!;
        coordinator.Plays.OnEnroll = request =>
            coordinator.Plays.Enrolled.Count < 3 ? throw new RpcException(new Status(StatusCode.Unavailable, "lost")) : answer(request);
        Assert.Equal(0, await EnrollAsync(coordinator.Address, coordinator.Token));
        Assert.Equal(3, coordinator.Plays.Enrolled.Count);
        Assert.Single(coordinator.Plays.Enrolled.Select(r => (r.RequestId, r.CsrPem)).Select(r => r.RequestId).Distinct());
    }

    [Fact]
    public void Enroll_CommandGivenAgainAfterAFailure_IsTheSameRequestWithTheSameKey()
    {
        var token = new Fleet.Agent.Enrolment.JoinToken("id", "fleet1.id.secret", new string('a', 64));
        var pending = new PendingEnrolment(_folder.Path);
        var (key, requestId) = pending.LoadOrCreate(token, "h");
        var (again, sameId) = pending.LoadOrCreate(token, "h");
        Assert.Equal(requestId, sameId);
        Assert.Equal(key.ExportSubjectPublicKeyInfo(), again.ExportSubjectPublicKeyInfo());
        Assert.NotEqual(requestId, pending.LoadOrCreate(token, "other").RequestId);
    }

    [Fact]
    public async Task Enroll_Unreachable_SaysSo()
    {
        await using var coordinator = await StartAsync();
        Assert.Equal(1, await EnrollAsync("127.0.0.1:1", coordinator.Token));
        Assert.Contains("cannot be reached", _errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Enroll_AlreadyEnrolled_NeedsForce()
    {
        await using var coordinator = await StartAsync();
        Assert.Equal(0, await EnrollAsync(coordinator.Address, coordinator.Token));
        Assert.Equal(1, await EnrollAsync(coordinator.Address, coordinator.Token));
        Assert.Contains("--force", _errors.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await EnrollAsync(coordinator.Address, coordinator.Token, force: true));
    }

    [Theory]
    [InlineData("ftp://x", "fleet1.a.b.", "is not a coordinator address")]
    [InlineData("host:7443", "nonsense", "fleet1.ID.SECRET.HASH")]
    public async Task Enroll_BadArguments_ExitCode2(string address, string token, string says)
    {
        Assert.Equal(2, await EnrollAsync(address, token));
        Assert.Contains(says, _errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Identity_CrashBetweenRenames_IsPutRight()
    {
        await using var coordinator = await StartAsync();
        Assert.Equal(0, await EnrollAsync(coordinator.Address, coordinator.Token));
        Directory.Move(_folder.File("identity"), _folder.File("identity.previous"));
        Assert.NotNull(new IdentityStore(_folder.Path).Load(out _));
        Directory.Move(_folder.File("identity"), _folder.File("identity.next"));
        Assert.NotNull(new IdentityStore(_folder.Path).Load(out _));
        File.WriteAllText(_folder.File("identity/key.pem"), "garbage");
        Assert.Null(new IdentityStore(_folder.Path).Load(out var problem));
        Assert.Contains("enrol again", problem, StringComparison.Ordinal);
    }

    private static async Task<ScriptedCoordinator> StartAsync()
    {
        var coordinator = await ScriptedCoordinator.StartAsync();
        coordinator.Plays.OnEnroll = request => new EnrollResponse
        {
            HostId = "7f1e9d0c-0000-4000-8000-000000000007",
            CertificatePem = coordinator.Sign(request.CsrPem),
            CaCertificatePem = coordinator.Authority.CertificatePem,
        };
        return coordinator;
    }

    private Task<int> EnrollAsync(string address, string token, bool force = false) =>
        new EnrollCommand(new AgentOptions { StateDirectory = _folder.Path }, _output, _errors, TimeProvider.System, (_, _) => _fullName())
            .RunAsync(address, token, "nas1", new Dictionary<string, string>(), force, default);
}
