using System.Diagnostics;
using Fleet.Agent.Actions;
using Fleet.Agent.Guard;
using Fleet.Agent.Tests.Actions.Restore;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Rsync;

/// <summary>
/// Whoever owns a folder below a source or a destination exchanges folders with links while rsync runs, and a coordinator plants links with
/// one run for the next. Nothing outside is read or written. That the attacker wins where nothing stands in his way is shown, too.
/// </summary>
public sealed class RaceTests : IDisposable
{
    private const int Folders = 40, Rounds = 10, MostRounds = 1000, LeastExchanges = 3000;
    private const string Secret = "only root may read this";

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

    [Theory]
    [InlineData(RsyncRelease.Installed)]
    [InlineData(RsyncRelease.Oldest)]
    public async Task Source_FoldersExchangedWithLinks_NoSecretIsCopied(string release)
    {
        var rsync = new RsyncRelease(release);
        MakeSource();
        await WhileAttackedAsync("src", "secret", round => RunAsync(RsyncMode.Copy, "src", $"dst/{round}", rsync));

        Assert.False(SecretIsCopied());
    }

    [Fact]
    public async Task Source_FoldersExchangedWithLinks_RsyncAloneCopiesTheSecret()
    {
        var rsync = new RsyncRelease(RsyncRelease.Oldest);
        MakeSource();
        await WhileAttackedAsync("src", "secret", round => AloneAsync(rsync, "src/", $"dst/{round}"), SecretIsCopied);

        Assert.True(SecretIsCopied());
    }

    [Theory]
    [InlineData(RsyncRelease.Installed)]
    [InlineData(RsyncRelease.Oldest)]
    public async Task SourceItself_ExchangedWithALink_NoSecretIsCopied(string release)
    {
        var rsync = new RsyncRelease(release);
        _tree.Shell("mkdir src/d0 && echo own >src/d0/f && chown -hR nobody src");
        await WhileAttackedAsync("src", "secret", _ => RunAsync(RsyncMode.Copy, "src/d0", "dst/one", rsync));

        Assert.False(SecretIsCopied());
    }

    [Theory]
    [InlineData(RsyncRelease.Installed)]
    [InlineData(RsyncRelease.Oldest)]
    public async Task Destination_FoldersExchangedWithLinks_NothingIsWrittenOutside(string release)
    {
        var rsync = new RsyncRelease(release);
        await WhileAttackedAsync("dst", "outside", round =>
        {
            MakeNews(round);
            return RunAsync(RsyncMode.Copy, "src", "dst", rsync);
        });

        Assert.False(IsWrittenOutside());
    }

    [Fact]
    public async Task Destination_FoldersExchangedWithLinks_RsyncAloneWritesOutside()
    {
        var rsync = new RsyncRelease(RsyncRelease.Oldest);
        await WhileAttackedAsync("dst", "outside", round =>
        {
            MakeNews(round);
            return AloneAsync(rsync, "src/", "dst");
        }, IsWrittenOutside);

        Assert.True(IsWrittenOutside());
    }

    [Theory]
    [InlineData(RsyncRelease.Installed)]
    [InlineData(RsyncRelease.Oldest)]
    public async Task Versions_FoldersExchangedWithLinks_NothingIsWrittenOutside(string release)
    {
        var rsync = new RsyncRelease(release);
        await WhileAttackedAsync("dst", "outside", round =>
        {
            MakeNews(round);
            return RunAsync(RsyncMode.Versions, "src", "dst", rsync, TestRun.Instant.AddHours(round));
        });

        Assert.False(IsWrittenOutside());
    }

    [Theory]
    [InlineData(RsyncRelease.Installed)]
    [InlineData(RsyncRelease.Oldest)]
    public async Task Restore_FoldersBesideTheDestinationExchangedWithLinks_NothingIsWrittenOutside(string release)
    {
        using var fixture = new RestoreFixture();
        var tools = new RestoreTools(fixture.Group, new RsyncRelease(release));
        fixture.Scratch.Shell("chmod 755 . && mkdir to/d0 && chown -hR nobody to");
        await WhileAttackedAsync(fixture.Scratch.At("to"), "outside", async round =>
        {
            var action = fixture.OfTree("etc", "to/d0");
            action.Overwrite = true;
            await fixture.RunAsync(action, tools);
            await fixture.RunAsync(fixture.OfTree("etc", $"to/d0/new{round}"), tools, runId: Guid.NewGuid().ToString("N"));
            await fixture.RunAsync(fixture.OfTree("etc", $"to/new{round}"), tools, runId: Guid.NewGuid().ToString("N"));
        });

        Assert.False(IsWrittenOutside());
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
        Assert.False(IsWrittenOutside());
    }

    [Fact]
    public async Task Coordinator_CopiesALinkAndThenATreeOverIt_WritesNothingOutside()
    {
        _tree.Shell($"mkdir evil && ln -s '{_tree.At("outside")}' evil/x && mkdir src/x && echo y >src/x/f");
        Guard(_tree.At("evil"));
        Assert.Equal(ActionOutcome.Succeeded, (await RunAsync(RsyncMode.Copy, "evil", "dst")).Outcome);

        await RunAsync(RsyncMode.Copy, "src", "dst");
        await RunAsync(RsyncMode.Mirror, "src", "dst");

        Assert.False(IsWrittenOutside());
    }

    [Fact]
    public async Task Versions_TreeExchangedWithALink_NothingIsWrittenOutside()
    {
        _tree.Shell($"echo one >src/f; mkdir src/d; echo two >src/d/f; chmod 700 dst");
        Assert.Equal(ActionOutcome.Succeeded, (await RunAsync(RsyncMode.Versions, "src", "dst")).Outcome);
        _tree.Shell($"cd dst && mv fleet_* moved && ln -s '{_tree.At("secret")}' \"$(basename \"$(ls .fleet/fleet_*.json)\" .json)\"");

        var second = await RunAsync(RsyncMode.Versions, "src", "dst", at: TestRun.Instant.AddDays(1));

        Assert.Equal(ActionOutcome.Succeeded, second.Outcome);
        Assert.Equal("", _tree.Shell($"grep -rl '{Secret}' dst/fleet_*1121* || true"));
    }

    private void MakeSource() =>
        _tree.Shell($"cd src && for i in $(seq {Folders}); do mkdir d$i && echo own >d$i/f; done && chown -hR nobody .");

    /// <summary>
    /// Files to be copied into folders that the destination has already. All of nobody, so that it stays the owner of the destination.
    /// </summary>
    private void MakeNews(int round) =>
        _tree.Shell($"for i in $(seq {Folders}); do mkdir -p src/d$i; echo {round} >src/d$i/f; echo x >src/d$i/g{round}; done; chown -hR nobody src; chown nobody dst");

    private bool SecretIsCopied() => _tree.Shell($"grep -rlE --no-messages '{Secret}' dst | head -n 1 || true").Length > 0;

    private bool IsWrittenOutside() => _tree.Shell("ls -A outside; stat -c '%a %U' outside") != "700 root\n";

    private void Guard(string source) => _etc.Write("guard.yaml", $"""
        rsync:
          sources: ['{_tree.At("src")}'{(source.Length > 0 ? $", '{source}'" : "")}]
          destinations:
            - path: '{_tree.At("dst")}'
              allow: [copy, mirror, versions]
        """);

    private async Task<ActionResult> RunAsync(
        RsyncMode mode, string source, string destination, RsyncRelease? release = null, DateTimeOffset? at = null)
    {
        var action = TestRun.Rsync(mode, _tree.At(source), _tree.At(destination));
        using var decision = _guard.Check(action);
        return decision.Allowed
            ? await _host.Action.RunAsync(
                TestRun.For(new Protocol.V1.Action(), at: at, tools: release) with
                {
                    Action = action,
                    Guard = decision,
                },
                TestContext.Current.CancellationToken)
            : ToolOutcome.Refused(decision);
    }

    /// <summary>What a script of the night does.</summary>
    private async Task AloneAsync(RsyncRelease release, string source, string destination)
    {
        using var process = Process.Start(
            new ProcessStartInfo(release.Find("rsync")!, ["-a", "--", _tree.At(source), _tree.At(destination)])
            {
                RedirectStandardError = true,
            }
        )!;
        await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>
    /// Does something again and again while a folder is attacked, until there were thousands of tries, or until it has
    /// <paramref name="happened"/>.
    /// </summary>
    private async Task WhileAttackedAsync(string folder, string target, Func<int, Task> work, Func<bool>? happened = null)
    {
        await using var attack = await LinkAttack.StartAsync(Path.Combine(_tree.Root, folder), _tree.At(target));
        long exchanges = 0;
        for (
            var round = 0;
            round < MostRounds && (happened is not null ? !happened() : round < Rounds || exchanges < LeastExchanges);
            round++)
        {
            await work(round);
            exchanges = await attack.CountAsync();
        }

        Assert.True(happened is not null || exchanges >= LeastExchanges, $"only {exchanges} exchanges in {MostRounds} rounds");
    }
}
