using System.Net;
using System.Net.Sockets;
using Fleet.Cli.Connection;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Tests.Scripted;
using Fleet.Protocol.Addresses;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Cli.Tests.Connection;

public sealed class ConnectionTests : IAsyncLifetime
{
    private readonly Terminal _terminal = new();
    private ScriptedCoordinator _coordinator = null!;

    public async ValueTask InitializeAsync()
    {
        _coordinator = await ScriptedCoordinator.StartAsync();
        _coordinator.Script.On<WhoAmIRequest, Operator>("WhoAmI", _ => new Operator { Name = "anna", Role = Role.Operator });
    }

    public async ValueTask DisposeAsync()
    {
        await _coordinator.DisposeAsync();
        _terminal.Dispose();
    }

    [Fact]
    public async Task Run_BearerToken_GoesWithTheCall()
    {
        _terminal.With(_coordinator);

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("whoami"));

        Assert.Equal($"Bearer {ScriptedCoordinator.Token}", Assert.Single(_coordinator.Script.Calls).Authorization);
        Assert.Contains("anna", _terminal.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", _terminal.Output + _terminal.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_SeveralCredentials_TakesThemInTheDocumentedOrder()
    {
        _terminal.WriteFile("admin-credential.json", _coordinator.CredentialFile("fourth"));
        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("whoami"));
        _terminal.WriteFile(".config/fleet/credential.json", _coordinator.CredentialFile("third"));
        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("whoami"));
        _terminal.Variables["FLEET_CREDENTIAL"] = _terminal.WriteFile("variable.json", _coordinator.CredentialFile("second"));
        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("whoami"));
        Assert.Equal(
            ExitCode.Ok,
            await _terminal.RunAsync("whoami", "--credential", _terminal.WriteFile("option.json", _coordinator.CredentialFile("first"))));

        Assert.Equal(
            ["Bearer fourth", "Bearer third", "Bearer second", "Bearer first"], _coordinator.Script.Calls.Select(c => c.Authorization));
    }

    [Fact]
    public async Task Run_NoCredential_SaysWhereItLooked()
    {
        Assert.Equal(ExitCode.NotPermitted, await _terminal.RunAsync("whoami"));

        Assert.Contains($"{_terminal.Home}/.config/fleet/credential.json does not exist", _terminal.Error, StringComparison.Ordinal);
        Assert.Contains("what to do:", _terminal.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "it is not JSON: line 1")]
    [InlineData("[]", "it is not a JSON object")]
    [InlineData("{}", "address: it has no host: write https://HOST, or https://HOST:PORT where the port is not 7443")]
    [InlineData("{\"address\":\"http://x:1\"}", "address: a coordinator takes commands over TLS alone")]
    [InlineData(
        "{\"address\":\"https://x:1\",\"caCertificatePem\":\"nonsense\",\"bearerToken\":\"x\"}", "its certificate or key is not valid PEM")]
    public async Task Run_DamagedCredential_SaysWhatIsWrongWithIt(string content, string why)
    {
        var file = _terminal.WriteFile("credential.json", content);

        Assert.Equal(ExitCode.NotPermitted, await _terminal.RunAsync("whoami", "--credential", file));

        Assert.Contains($"{file}: cannot be used as a credential: {why}", _terminal.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_CredentialThatOthersCanRead_Warns()
    {
        var file = _terminal.WriteFile("open.json", _coordinator.CredentialFile(), UnixFileMode.UserRead | UnixFileMode.OtherRead);

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("whoami", "--credential", file));

        Assert.Equal($"warning: others can read {file}: chmod 600 {file}\n", _terminal.Error);
    }

    [Fact]
    public async Task Run_ServerOfAnotherAuthority_IsNotTrusted()
    {
        await using var other = await ScriptedCoordinator.StartAsync();
        _terminal.With(_coordinator);

        Assert.Equal(ExitCode.NotReachable, await _terminal.RunAsync("whoami", "--address", other.Address));

        Assert.Contains("this credential does not trust the server's certificate", _terminal.Error, StringComparison.Ordinal);
        Assert.Empty(other.Script.Calls);
    }

    [Fact]
    public async Task Run_ServerOfAnotherName_IsNotTrusted()
    {
        _terminal.With(_coordinator);

        Assert.Equal(ExitCode.NotReachable, await _terminal.RunAsync("whoami", "--address", $"https://127.0.0.2:{_coordinator.Port}"));
    }

    [Fact]
    public async Task Run_NobodyListens_SaysSo()
    {
        _terminal.With(_coordinator);
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();

        Assert.Equal(ExitCode.NotReachable, await _terminal.RunAsync("whoami", "--address", $"https://127.0.0.1:{port}"));

        Assert.Equal($"error: https://127.0.0.1:{port} cannot be reached: Connection refused\n  what to do: is the coordinator running there? (systemctl status fleet-coordinator)\n", _terminal.Error);
    }

    [Theory]
    [InlineData("https://", "it has no host")]
    [InlineData("http://127.0.0.1:7480", "its plain HTTP port is for probes and metrics: write https://127.0.0.1:7443")]
    [InlineData("https://user@127.0.0.1:7443", "only host and port belong there")]
    [InlineData("https://127.0.0.1:7443/path", "only host and port belong there")]
    [InlineData("ssh://127.0.0.1", "ssh:// is not how a coordinator is spoken to")]
    public async Task Run_AddressThatIsNone_IsRefused(string address, string why)
    {
        _terminal.With(_coordinator);

        Assert.Equal(ExitCode.Refused, await _terminal.RunAsync("whoami", "--address", address));

        Assert.Contains($"--address: '{address}' is not an address of a coordinator: ", _terminal.Error, StringComparison.Ordinal);
        Assert.Contains(why, _terminal.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("host", "https://host:7443")]
    [InlineData("https://host", "https://host:7443")]
    [InlineData("https://host/", "https://host:7443")]
    [InlineData("host:443", "https://host:443")]
    [InlineData("https://host:443/", "https://host:443")]
    [InlineData("[::1]:7443", "https://[::1]:7443")]
    [InlineData("[::1]", "https://[::1]:7443")]
    [InlineData("http://host", null)]
    [InlineData("https://host/path", null)]
    [InlineData("", null)]
    public void Address_Forms_AreUnderstoodOrRefused(string text, string? expected)
    {
        Assert.Equal(expected is not null, CoordinatorAddress.TryParse(text, out var address, out var problem));
        Assert.Equal(expected, address);
        Assert.Equal(expected is null, problem.Length > 0);
    }

    /// <summary>Uri leaves the port 443 out, and an address without a port means another.</summary>
    [Fact]
    public void Credential_Port443_SurvivesItsFile()
    {
        var written = new Credential
        {
            Address = new Uri("https://fleet.example.org:443"),
            CaCertificatePem = _coordinator.Authority.CertificatePem,
            BearerToken = "x",
        };

        Assert.Equal(443, Credential.Parse(written.ToJson(), "f").Value!.Address.Port);
    }

    [Fact]
    public async Task Run_PlainHttpPort_SaysWhichPortIsWhich()
    {
        using var plain = new TcpListener(IPAddress.Loopback, 0);
        plain.Start();
        var port = ((IPEndPoint)plain.LocalEndpoint).Port;
        var serving = ServePlainAsync(plain);
        _terminal.With(_coordinator);

        Assert.Equal(ExitCode.NotReachable, await _terminal.RunAsync("whoami", "--address", $"https://127.0.0.1:{port}"));

        Assert.StartsWith(
            $"error: https://127.0.0.1:{port} speaks plain HTTP, without TLS: it is the coordinator's port for probes and metrics",
            _terminal.Error,
            StringComparison.Ordinal);
        Assert.EndsWith("--address https://127.0.0.1:7443\n", _terminal.Error, StringComparison.Ordinal);
        plain.Stop();
        await serving;
    }

    // What a web server says to a TLS greeting and to HTTP alike.
    private static async Task ServePlainAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                using var connection = await listener.AcceptTcpClientAsync();
                var stream = connection.GetStream();
                await stream.ReadAtLeastAsync(new byte[4096], minimumBytes: 1, throwOnEndOfStream: false);
                await stream.WriteAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // Stopped, or a caller went away.
        }
    }

    [Fact]
    public async Task Run_NoAnswerInTime_SaysHowLongItWaited()
    {
        _coordinator.Script.OnSlow<WhoAmIRequest, Operator>("WhoAmI", async (_, context) =>
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return new Operator();
        });
        _terminal.With(_coordinator);

        Assert.Equal(ExitCode.NotReachable, await _terminal.RunAsync("whoami", "--timeout", "200ms"));

        Assert.Contains("did not answer within 200ms", _terminal.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StatusCode.InvalidArgument, Reason.InvalidArgument, ExitCode.Refused)]
    [InlineData(StatusCode.Unauthenticated, Reason.IdentityInvalid, ExitCode.NotPermitted)]
    [InlineData(StatusCode.PermissionDenied, Reason.RoleTooLow, ExitCode.NotPermitted)]
    [InlineData(StatusCode.NotFound, Reason.NotFound, ExitCode.NotFound)]
    [InlineData(StatusCode.FailedPrecondition, Reason.WrongState, ExitCode.WrongState)]
    [InlineData(StatusCode.AlreadyExists, Reason.AlreadyExists, ExitCode.WrongState)]
    [InlineData(StatusCode.ResourceExhausted, Reason.QueueFull, ExitCode.WrongState)]
    [InlineData(StatusCode.Unavailable, Reason.Unavailable, ExitCode.NotReachable)]
    [InlineData(StatusCode.Internal, Reason.Internal, ExitCode.Bug)]
    public async Task Run_CoordinatorRefuses_PrintsItsWordsAndEndsWithTheCode(StatusCode code, Reason reason, int exitCode)
    {
        _coordinator.Script.Fails("WhoAmI", code, reason, "it was wrong\u001b[2J", "do it right");
        _terminal.With(_coordinator);

        Assert.Equal(exitCode, await _terminal.RunAsync("whoami"));

        Assert.Equal("error: it was wrong\\x1b[2J\n  what to do: do it right\n", _terminal.Error);
    }

    [Fact]
    public async Task Run_RefusedFields_AreAllListed()
    {
        _coordinator.Script.Fails("WhoAmI", StatusCode.InvalidArgument, Reason.InvalidArgument, "two fields", "",
            new FieldViolation { Field = "a.b", Message = "too long" }, new FieldViolation { Field = "c", Message = "missing" });
        _terminal.With(_coordinator);

        Assert.Equal(ExitCode.Refused, await _terminal.RunAsync("whoami"));

        Assert.Equal("error: two fields\n  a.b: too long\n  c: missing\n", _terminal.Error);
    }

    [Fact]
    public async Task Run_Cancelled_EndsWith130()
    {
        var called = new TaskCompletionSource();
        _coordinator.Script.OnSlow<WhoAmIRequest, Operator>("WhoAmI", async (_, context) =>
        {
            called.SetResult();
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return new Operator();
        });
        _terminal.With(_coordinator);
        using var ctrlC = new CancellationTokenSource();
        var run = _terminal.RunAsync(ctrlC.Token, "whoami");
        await called.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await ctrlC.CancelAsync();

        Assert.Equal(ExitCode.Cancelled, await run.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal("", _terminal.Error);
    }
}
