using Fleet.Agent.Actions.Command;
using Fleet.Agent.Guard;
using Fleet.Agent.Tests.Actions;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Guard;

/// <summary>The folders that commands work in. Programs and arguments: <see cref="FileGuardTests"/>.</summary>
public sealed class CommandRulesTests : IDisposable
{
    private readonly TemporaryFolder _etc = new();
    private readonly TemporaryFolder _folder = new();
    private readonly FileGuard _guard;

    public CommandRulesTests()
    {
        foreach (var name in new[] { "work/sub", "secret", "state/sub" })
        {
            Directory.CreateDirectory(_folder.File(name));
        }

        File.CreateSymbolicLink(_folder.File("link"), _folder.File("secret"));
        _folder.Write("file", "");
        _guard = new FileGuard(() => _etc.File("guard.yaml"), () => [_folder.File("state")]);
    }

    public void Dispose()
    {
        _folder.Dispose();
        _etc.Dispose();
    }

    [Theory]
    [InlineData("work", "")]
    [InlineData("work/sub", "")]
    [InlineData("work/./sub/", "")]
    [InlineData("nosuch", "")]
    [InlineData("work/../secret", "\"..\"")]
    public void Check_WorkingFolder_IsOpen(string folder, string refused)
    {
        using var decision = Check(_folder.File(folder));

        Assert.Equal(refused.Length == 0, decision.Allowed);
        Assert.Contains(refused, decision.Message, StringComparison.Ordinal);
        Assert.Equal(refused.Length == 0 && folder != "nosuch", decision.WorkingFolders.Any(f => f.Folder.Opened is not null));
    }

    [Theory]
    [InlineData("link")]
    [InlineData("link/sub")]
    public void Check_WorkingFolderThroughALink_IsRefused(string folder) =>
        Assert.Contains("users other than root could have made", Check(_folder.File(folder)).Message, StringComparison.Ordinal);

    [Fact]
    public void Check_WorkingFolderThatDecidesOverThisHost_IsRefused()
    {
        foreach (var folder in new[] { _folder.File("state"), _folder.File("state/sub"), _etc.Path })
        {
            Assert.Contains("outside every rule", Check(folder).Message, StringComparison.Ordinal);
        }

        // A folder above is none of them.
        using var above = Check(_folder.Path);
        Assert.True(above.Allowed, above.Message);
    }

    [Fact]
    public async Task Run_WorkingFolderExchangedAfterTheCheck_StartsInWhatWasChecked()
    {
        using var decision = Check(_folder.File("work"));
        var context = TestRun.For(Command(_folder.File("work"))) with { Guard = decision };
        Directory.Move(_folder.File("work"), _folder.File("moved"));
        File.CreateSymbolicLink(_folder.File("work"), _folder.File("secret"));

        var result = await new CommandRun().RunAsync(context, TestContext.Current.CancellationToken);

        Assert.Equal(ActionOutcome.Succeeded, result.Outcome);
        Assert.True(File.Exists(_folder.File("moved/made")));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.File("secret")));
    }

    [Fact]
    public async Task Run_WorkingFolderIsNone_FailsAndSaysSo()
    {
        foreach (var (folder, says) in new[] { ("nosuch", "does not exist"), ("file", "is not a folder") })
        {
            using var decision = Check(_folder.File(folder));
            var result = await new CommandRun().RunAsync(
                TestRun.For(Command(_folder.File("work"))) with
                {
                    Guard = decision,
                    Action = Command(_folder.File(folder)),
                },
                TestContext.Current.CancellationToken);
            Assert.Equal(ActionOutcome.Failed, result.Outcome);
            Assert.Contains(says, result.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Check_Hooks_HaveTheirFoldersOpen()
    {
        _ = Check(_folder.File("work"));
        var action = new Protocol.V1.Action
        {
            ZfsSnapshot = new ZfsSnapshotAction
            {
                Datasets = { "tank" },
                Before = new SnapshotHook { Command = Command(_folder.File("work")).Command },
                After = new SnapshotHook { Command = Command("/").Command },
            },
        };

        using var decision = _guard.Check(action);

        Assert.True(decision.Allowed, decision.Message);
        Assert.Equal(_folder.File("work"), Assert.Single(decision.WorkingFolders).Name);
    }

    private static Protocol.V1.Action Command(string folder) =>
        new() { Command = new CommandAction { Program = "/usr/bin/touch", Arguments = { "made" }, WorkingDirectory = folder } };

    private GuardDecision Check(string folder)
    {
        _etc.Write("guard.yaml", $"commands: [{{program: /usr/bin/touch, arguments: [made], working_directories: ['{folder}']}}]\nzfs: [{{dataset: tank, allow: [snapshot]}}]\n");
        return _guard.Check(Command(folder));
    }
}
