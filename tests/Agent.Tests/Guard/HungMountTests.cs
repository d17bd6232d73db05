using Fleet.Agent.Files;
using Fleet.Agent.Guard;
using Fleet.Agent.Tests.Runs;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Google.Protobuf;

namespace Fleet.Agent.Tests.Guard;

/// <summary>The guard on a file system that does not answer, from order to result.</summary>
public sealed class HungMountTests : IDisposable
{
    private readonly TemporaryFolder _etc = new();
    private readonly TemporaryFolder _folder = new();
    private readonly HungMount _hung = new();
    private readonly RunFixture _fixture;

    public HungMountTests()
    {
        Directory.CreateDirectory(_folder.File("data"));
        Directory.CreateDirectory(_folder.File("backup"));
        _etc.Write("guard.yaml", $"""
            rsync:
              sources: [{_folder.File("data")}, {_hung.Path}]
              destinations: [{"{"}path: {_folder.File("backup")}, allow: [copy]{"}"}, {"{"}path: {_hung.Path}, allow: [copy]{"}"}]
            restore: [{"{"}path: {_hung.Path}, volumes: [vg]{"}"}]
            commands: [{"{"}program: /bin/true, working_directories: [{_hung.Path}]{"}"}]
            """);
        _fixture = new RunFixture(_folder.File("state"));
        var guard = new FileGuard(() => _etc.File("guard.yaml"));
        _fixture.Guard.Decide = guard.Check;
    }

    public void Dispose()
    {
        _hung.Dispose();
        _fixture.Dispose();
        _folder.Dispose();
        _etc.Dispose();
    }

    [Theory]
    [InlineData("source")]
    [InlineData("source below")]
    [InlineData("destination")]
    [InlineData("restore")]
    [InlineData("working directory")]
    public async Task Run_FileSystemHangs_FailsWithThatReasonAndTheAgentGoesOn(string where)
    {
        _fixture.Runs.Submit(Order("a", Action(where)));

        // The place of the other run is free, and the agent's own loop, too.
        _fixture.Runs.Submit(Order("b", new Protocol.V1.Action { Command = new CommandAction { Program = "/bin/true" } }));
        Assert.Equal(ActionOutcome.Succeeded, (await _fixture.ResultAsync("b")).Result.Outcome);
        Assert.DoesNotContain(_fixture.Results, r => r.RunId == RunIds.Of("a"));

        await _fixture.Clock.WaitForTimersAsync();
        _fixture.Clock.Advance(DeadlinedFiles.Deadline);

        var result = (await _fixture.ResultAsync("a")).Result;
        Assert.Equal((ActionOutcome.Failed, true), (result.Outcome, result.Retryable));
        Assert.Contains($"{_hung.Path}", result.Message, StringComparison.Ordinal);
        Assert.Contains("does not answer: its file system hangs", result.Message, StringComparison.Ordinal);
        Assert.Single(_fixture.Action.Started);

        // The next attempt does not add another thread that hangs, and the one after the file system broke gets an answer.
        _fixture.Runs.Submit(Order("a", Action(where), 2));
        Assert.Contains(
            "an earlier request is still waiting",
            (await _fixture.ResultAsync("a", attempt: 2)).Result.Message,
            StringComparison.Ordinal);
        _hung.Break();
        var attempt = 3;
        await Eventually.TrueAsync(
            () =>
            {
                _fixture.Runs.Submit(Order("a", Action(where), attempt));
                var answer = _fixture.ResultAsync("a", attempt++).GetAwaiter().GetResult().Result.Message;
                return !answer.Contains("an earlier request", StringComparison.Ordinal);
            },
            "an answer");
    }

    [Fact]
    public async Task Run_CancelledWhileTheFileSystemHangs_Ends()
    {
        _fixture.Runs.Submit(Order("a", Action("source")));
        await _fixture.Clock.WaitForTimersAsync();

        _fixture.Runs.Cancel("a", "enough");

        Assert.Equal(ActionOutcome.Cancelled, (await _fixture.ResultAsync("a")).Result.Outcome);
    }

    private RunCommand Order(string runId, Protocol.V1.Action action, int attempt = 1)
    {
        var command = _fixture.Command(runId, attempt, policy: runId);
        command.Action = action;
        return command;
    }

    private Protocol.V1.Action Action(string where)
    {
        var hung = ByteString.CopyFromUtf8(_hung.Path);
        var rsync = new RsyncAction
        {
            Source = new RsyncEndpoint { Path = ByteString.CopyFromUtf8(_folder.File("data")) },
            Destination = new RsyncEndpoint { Path = ByteString.CopyFromUtf8(_folder.File("backup")) },
            Mode = RsyncMode.Copy,
        };
        switch (where)
        {
            case "source":
                rsync.Source.Path = hung;
                break;
            case "source below":
                rsync.Source.Path = ByteString.CopyFromUtf8(_hung.Path + "/a/b");
                break;
            case "destination":
                rsync.Destination.Path = hung;
                break;
            case "restore":
                return new Protocol.V1.Action
                {
                    RestoreFiles = new RestoreFilesAction
                    {
                        Lvm = new LvmSnapshotRef { Name = "vg/x" },
                        Destination = hung,
                    },
                };
            default:
                return new Protocol.V1.Action
                {
                    Command = new CommandAction { Program = "/bin/true", WorkingDirectory = _hung.Path },
                };
        }

        return new Protocol.V1.Action { Rsync = rsync };
    }
}
