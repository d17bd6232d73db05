using System.Net.Sockets;
using System.Text;
using Fleet.Agent.Configuration;
using Fleet.Agent.LocalSocket;
using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Tools;
using Fleet.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fleet.Agent.Tests.LocalSocket;

public sealed class LocalServerTests : IAsyncDisposable
{
    private const string AsAnotherUser = """
        use Socket;
        socket(my $s, PF_UNIX, SOCK_STREAM, 0) or die "socket: $!";
        connect($s, pack_sockaddr_un($ARGV[0])) or die "connect: $!";
        my $question = '{"ask":"status"}';
        syswrite($s, pack("V", length $question) . $question);
        local $/;
        print substr(readline($s), 4), "\n";
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly FakeTimeProvider _clock = new();
    private AgentOptions _options;
    private Task _loop = Task.CompletedTask;
    private LocalServer? _server;

    public LocalServerTests() => _options = new AgentOptions { RuntimeDirectory = _folder.File("run") };

    private string SocketFile => LocalSocketPath.In(_options.RuntimeDirectory);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _loop.WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (OperationCanceledException)
        {
            // Asked for.
        }

        _stop.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Ask_Question_IsAnsweredOnASocketThatIsRootsAlone()
    {
        await StartAsync((question, _) => Task.FromResult(Encoding.UTF8.GetBytes($"{{\"asked\":\"{question.Ask}\"}}")));
        Assert.Equal("{\"asked\":\"status\"}", await AskAsync());
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
        Assert.Equal(Mode, File.GetUnixFileMode(SocketFile));
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _loop.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.False(File.Exists(SocketFile));
        Assert.Null(await LocalClient.AskAsync(SocketFile, LocalQuestion.OfStatus, TimeProvider.System, CancellationToken.None));
    }

    [Theory]
    [InlineData("{\"ask\":\"everything\"}", "this agent does not know the request")]
    [InlineData("{\"ask\":\"runs\",\"limit\":100000}", "limit: write 1 to 1000")]
    [InlineData("{\"ask\":\"runs\",\"state\":\"good\"}", "state: one of succeeded")]
    [InlineData("{\"ask\":\"runs\",\"policy\":\"../x\"}", "policy: that is not a policy name")]
    [InlineData("{\"ask\":\"run\",\"id\":\"xyz\"}", "give a run\\u0027s id")]
    [InlineData("[[[[[[[[[]]]]]]]]]", "not well formed")]
    [InlineData("\"", "not well formed")]
    public async Task Ask_WhatCannotBeAnswered_SaysWhy(string question, string expected)
    {
        await StartAsync((_, _) => throw new InvalidOperationException("must not be asked"));
        using var stream = await ConnectAsync();
        await SocketFrames.WriteAsync(stream, Encoding.UTF8.GetBytes(question), CancellationToken.None);
        Assert.Contains(
            expected,
            Encoding.UTF8.GetString(await SocketFrames.ReadAsync(stream, 1 << 20, CancellationToken.None)),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_TooLongAQuestion_ConnectionEndsAndTheNextIsAnswered()
    {
        await StartAsync((_, _) => Task.FromResult("{}"u8.ToArray()));
        using var stream = await ConnectAsync();
        await stream.WriteAsync(new byte[] { 0xff, 0xff, 0xff, 0x7f });
        Assert.Equal(0, await stream.ReadAsync(new byte[1]).AsTask().WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal("{}", await AskAsync());
    }

    [Fact]
    public async Task Connections_SaidNothing_EndAtTheirDeadlineAndMakeRoom()
    {
        await StartAsync((_, _) => Task.FromResult("{}"u8.ToArray()));
        List<NetworkStream> idle = [];
        for (var i = 0; i < LocalServer.MaxConnections; i++)
        {
            idle.Add(await ConnectAsync());
        }

        var ninth = AskAsync();
        await _clock.WaitForTimersAsync(LocalServer.MaxConnections);
        Assert.False(ninth.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal("{}", await ninth.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(0, await idle[0].ReadAsync(new byte[1]).AsTask().WaitAsync(TimeSpan.FromSeconds(30)));
        idle.ForEach(s => s.Dispose());
    }

    [Fact]
    public async Task Start_FileOfADeadAgent_IsReplacedAndThatOfALivingOneIsNot()
    {
        Directory.CreateDirectory(_options.RuntimeDirectory);
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(SocketFile));
        }

        await StartAsync((_, _) => Task.FromResult("{\"who\":1}"u8.ToArray()));
        Assert.Equal("{\"who\":1}", await AskAsync());
        using var stop = new CancellationTokenSource();
        var clock = new FakeTimeProvider();
        var second = new LocalServer(
            () => _options,
            (_, _) => Task.FromResult("{\"who\":2}"u8.ToArray()),
            clock,
            NullLogger.Instance
        ).RunAsync(stop.Token);
        await clock.WaitForTimersAsync(1);
        Assert.Equal("{\"who\":1}", await AskAsync());
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal("{\"who\":1}", await AskAsync());
    }

    [Fact]
    public async Task Peers_OnlyRootAndTheGroup_WhateverTheFileAllows()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        _options = _options with { SocketGroup = "daemon" };
        await StartAsync((_, _) => Task.FromResult("{\"answer\":1}"u8.ToArray()));
        File.SetUnixFileMode(
            _folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        Assert.Equal("{\"answer\":1}", await AskAsAsync("--regid", "nogroup", "--groups", "daemon"));
        Assert.Equal("{\"answer\":1}", await AskAsAsync("--regid", "daemon", "--clear-groups"));
        Assert.Contains("connect: Permission denied", await AskAsAsync("--regid", "nogroup", "--clear-groups"), StringComparison.Ordinal);

        // The kernel's word counts, not the file's mode.
        File.SetUnixFileMode(SocketFile, (UnixFileMode)0b110_110_110);
        Assert.Contains(
            "only root, or a member of the group",
            await AskAsAsync("--regid", "nogroup", "--clear-groups"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reconsider_AnotherFolder_IsUsed()
    {
        await StartAsync((_, _) => Task.FromResult("{}"u8.ToArray()));
        var before = SocketFile;
        _options = _options with { RuntimeDirectory = _folder.File("other") };
        _server!.Reconsider();
        await Eventually.TrueAsync(() => File.Exists(SocketFile) && !File.Exists(before), "it moves");
        await Eventually.TrueAsync(
            () => LocalClient.ConnectAsync(SocketFile, CancellationToken.None).GetAwaiter().GetResult() is { } s && Close(s),
            "it listens");
        Assert.Equal("{}", await AskAsync());
    }

    private static bool Close(Socket socket)
    {
        socket.Dispose();
        return true;
    }

    private async Task StartAsync(Func<LocalQuestion, CancellationToken, Task<byte[]>> answer)
    {
        _server = new LocalServer(() => _options, answer, _clock, NullLogger.Instance);
        _loop = Task.Run(() => _server.RunAsync(_stop.Token));
        await Eventually.TrueAsync(
            () => LocalClient.ConnectAsync(SocketFile, CancellationToken.None).GetAwaiter().GetResult() is { } s && Close(s),
            "it listens");
        Assert.False(_loop.IsCompleted);
    }

    private async Task<string?> AskAsync() =>
        await LocalClient.AskAsync(SocketFile, LocalQuestion.OfStatus, TimeProvider.System, CancellationToken.None) is { } answer
            ? Encoding.UTF8.GetString(answer)
            : null;

    private async Task<NetworkStream> ConnectAsync() =>
        new((await LocalClient.ConnectAsync(SocketFile, CancellationToken.None))!, ownsSocket: true);

    private async Task<string> AskAsAsync(params string[] groups)
    {
        var output = new RecordingOutput();
        List<ToolArgument> arguments =
        [
            "--reuid",
            "nobody",
            .. groups.Select(g => (ToolArgument)g),
            "perl",
            "-e",
            AsAnotherUser,
            SocketFile,
        ];
        await new ToolRunner(TimeProvider.System).RunAsync(
            new ToolRequest { Program = "setpriv", Arguments = arguments }, output, CancellationToken.None);
        return string.Join('\n', output.Lines.Select(l => l.Text));
    }
}
