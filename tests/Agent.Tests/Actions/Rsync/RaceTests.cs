using System.Diagnostics;
using Fleet.Agent.Actions;
using Fleet.Agent.Guard;
using Fleet.Agent.Tests.Actions.Restore;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Rsync;

/// <summary>
/// Whoever owns a folder below a source or a destination exchanges folders with links by renameat2(2) all the time while rsync runs, and a
/// coordinator plants links with one run for the next. Nothing outside is read or written.
/// </summary>
public sealed class RaceTests : IDisposable
{
    private const int Folders = 120, Rounds = 10;
    private const string Secret = "only root may read this";

    /// <summary>As nobody: exchanges each folder DIR/d0, d1, ... with the link DIR/l0, l1, ..., until stdin ends. Prints the number of exchanges.</summary>
    private const string Exchange = """
        import ctypes, os, select, sys
        libc = ctypes.CDLL(None, use_errno=True)
        os.setgroups([]); os.setgid(65534); os.setuid(65534); os.chdir(sys.argv[1])
        names = [(b"d%d" % i, b"l%d" % i) for i in range(int(sys.argv[2]))]
        done = 0
        print("ready", flush=True)
        while not select.select([sys.stdin], [], [], 0)[0]:
            for a, b in names:
                done += libc.renameat2(-100, a, -100, b, 2) == 0
        print(done)
        """;

    private readonly TemporaryFolder _etc = new();
    private readonly ScratchTree _tree = new();
    private readonly RsyncHost _host = new();
    private readonly FileGuard _guard;

    public RaceTests()
    {
        Assert.SkipUnless(Environment.UserName == "root", "only root can run as nobody and make mount namespaces");
        _tree.Shell($"chmod 755 . && mkdir -p -m 755 src dst secret outside && printf '{Secret}' >secret/f && printf '{Secret}' >secret/key && chmod 700 secret outside");
        Guard("");
        _guard = new FileGuard(() => _etc.File("guard.yaml"));
    }

    public void Dispose()
    {
        _host.Dispose();
        _tree.Dispose();
        _etc.Dispose();
    }

    [Fact]
    public async Task Source_FoldersExchangedWithLinks_NoSecretIsCopied()
    {
        _tree.Shell($"cd src && for i in $(seq 0 {Folders - 1}); do mkdir d$i && echo own >d$i/f && ln -s '{_tree.At("secret")}' l$i; done && chown -hR nobody .");
        var exchanges = await WhileExchangedAsync("src", async () =>
        {
            for (var i = 0; i < Rounds; i++)
            {
                await RunAsync(RsyncMode.Copy, "src", $"dst/{i}");
            }
        });

        Assert.Equal("", _tree.Shell($"grep -rl '{Secret}' dst || true"));
        Assert.InRange(exchanges, 1000, long.MaxValue);
    }

    [Fact]
    public async Task SourceItself_ExchangedWithALink_NoSecretIsCopied()
    {
        _tree.Shell($"mkdir src/d0 && echo own >src/d0/f && ln -s '{_tree.At("secret")}' src/l0 && chown -hR nobody src");
        var outcomes = new Dictionary<ActionOutcome, int>();
        var exchanges = await WhileExchangedAsync("src", async () =>
        {
            for (var i = 0; i < Rounds * 3; i++)
            {
                var outcome = (await RunAsync(RsyncMode.Copy, "src/d0", "dst/one")).Outcome;
                outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            }
        });

        Assert.Equal("", _tree.Shell($"grep -rl '{Secret}' dst || true"));
        Assert.InRange(exchanges, 1000, long.MaxValue);
    }

    [Fact]
    public async Task Destination_FoldersExchangedWithLinks_NothingIsWrittenOutside()
    {
        _tree.Shell($"for i in $(seq 0 {Folders - 1}); do mkdir src/d$i dst/d$i && echo new >src/d$i/f && ln -s '{_tree.At("outside")}' dst/l$i; done && chown -hR nobody dst");
        var exchanges = await WhileExchangedAsync("dst", async () =>
        {
            for (var i = 0; i < Rounds; i++)
            {
                _tree.Shell($"for i in $(seq 0 {Folders - 1}); do echo {i} >src/d$i/f; echo x >src/d$i/g{i}; done");
                await RunAsync(RsyncMode.Copy, "src", "dst");
            }
        });

        Assert.Equal("700 root\n", _tree.Shell("ls -A outside; stat -c '%a %U' outside"));
        Assert.InRange(exchanges, 1000, long.MaxValue);
    }

    [Fact]
    public async Task Restore_FolderBesideTheDestinationExchangedWithLinks_NothingIsWrittenOutside()
    {
        using var bench = new RestoreBench();
        bench.Scratch.Shell($"chmod 755 . && mkdir -m 700 outside && mkdir to/d0 && ln -s '{bench.Scratch.At("outside")}' to/l0 && chown -hR nobody to");
        var exchanges = await WhileExchangedAsync(bench.Scratch.At("to"), async () =>
        {
            for (var i = 0; i < Rounds; i++)
            {
                var action = bench.OfTree("etc", "to/d0");
                action.Overwrite = true;
                await bench.RunAsync(action);
                await bench.RunAsync(bench.OfTree("etc", $"to/d0/new{i}"), runId: Guid.NewGuid().ToString("N"));
            }
        }, folders: 1);

        Assert.Equal("700 root\n", bench.Scratch.Shell("ls -A outside; stat -c '%a %U' outside"));
        Assert.InRange(exchanges, 1000, long.MaxValue);
    }

    [Theory]
    [InlineData("dst/x", "is a symbolic link")]
    [InlineData("dst/x/deep", "is a symbolic link")]
    public async Task Coordinator_CopiesALinkAndThenThroughIt_IsRefused(string destination, string says)
    {
        _tree.Shell($"ln -s '{_tree.At("outside")}' src/x && echo evil >src/file");
        Assert.Equal(ActionOutcome.Succeeded, (await RunAsync(RsyncMode.Copy, "src", "dst")).Outcome);

        var second = await RunAsync(RsyncMode.Copy, "src", destination);

        Assert.Equal(ActionOutcome.Refused, second.Outcome);
        Assert.Contains(says, second.Message, StringComparison.Ordinal);
        Assert.Equal("", _tree.Shell("ls -A outside"));
    }

    [Fact]
    public async Task Coordinator_CopiesALinkAndThenATreeOverIt_WritesNothingOutside()
    {
        _tree.Shell($"mkdir evil && ln -s '{_tree.At("outside")}' evil/x && mkdir src/x && echo y >src/x/f");
        Guard(_tree.At("evil"));
        Assert.Equal(ActionOutcome.Succeeded, (await RunAsync(RsyncMode.Copy, "evil", "dst")).Outcome);

        await RunAsync(RsyncMode.Copy, "src", "dst");
        await RunAsync(RsyncMode.Mirror, "src", "dst");

        Assert.Equal("", _tree.Shell("ls -A outside"));
    }

    [Fact]
    public async Task Versions_TreeExchangedWithALink_NothingIsWrittenOutside()
    {
        _tree.Shell($"echo one >src/f; mkdir src/d; echo two >src/d/f; chmod 700 dst");
        Assert.Equal(ActionOutcome.Succeeded, (await RunAsync(RsyncMode.Versions, "src", "dst")).Outcome);
        _tree.Shell($"cd dst && mv fleet_* moved && ln -s '{_tree.At("secret")}' \"$(basename \"$(ls .fleet/fleet_*.json)\" .json)\"");

        var second = await RunAsync(RsyncMode.Versions, "src", "dst", TestRun.Instant.AddDays(1));

        Assert.Equal(ActionOutcome.Succeeded, second.Outcome);
        Assert.Equal("", _tree.Shell($"grep -rl '{Secret}' dst/fleet_*1121* || true"));
    }

    private void Guard(string source) => _etc.Write("guard.yaml", $"""
        rsync:
          sources: ['{_tree.At("src")}'{(source.Length > 0 ? $", '{source}'" : "")}]
          destinations:
            - path: '{_tree.At("dst")}'
              allow: [copy, mirror, versions]
        """);

    private async Task<ActionResult> RunAsync(RsyncMode mode, string source, string destination, DateTimeOffset? at = null)
    {
        var action = TestRun.Rsync(mode, _tree.At(source), _tree.At(destination));
        using var decision = _guard.Check(action);
        return decision.Allowed
            ? await _host.Action.RunAsync(TestRun.For(new Protocol.V1.Action(), at: at) with { Action = action, Guard = decision }, TestContext.Current.CancellationToken)
            : ToolOutcome.Refused(decision);
    }

    /// <returns>How many exchanges there were meanwhile.</returns>
    private async Task<long> WhileExchangedAsync(string folder, Func<Task> work, int folders = 0)
    {
        var count = folders > 0 ? folders : int.Parse(_tree.Shell($"ls -d '{folder}'/d* | wc -l"), System.Globalization.CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo("/usr/bin/python3", ["-c", Exchange, Path.Join(folder.StartsWith('/') ? "" : _tree.Root, folder), $"{count}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            Assert.Equal("ready", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
            await work();
            process.StandardInput.Close();
            return long.Parse((await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim(), System.Globalization.CultureInfo.InvariantCulture);
        }
        finally
        {
            process.Kill();
        }
    }
}
