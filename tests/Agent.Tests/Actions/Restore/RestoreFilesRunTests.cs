using Fleet.Agent.Guard;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Restore;

/// <summary>What is copied where, with the real rsync. The sources are dated trees; ZFS and LVM: RestoreSourceTests.</summary>
public sealed class RestoreFilesRunTests : IDisposable
{
    private readonly RestoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("etc")]
    [InlineData("/etc/")]
    [InlineData("./etc//.")]
    public async Task Run_Folder_IsThereAsItWas(string path)
    {
        var result = await _fixture.RunAsync(_fixture.OfTree(path));

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        _fixture.Scratch.AssertEqual($"{RestoreFixture.Source}/etc", "to/new");
        Assert.Equal("2", _fixture.Scratch.Shell("stat -c %h to/new/hard").Trim());
        Assert.Equal("new\n", _fixture.Scratch.Shell("ls -A to"));
        Assert.Equal(("etc", 3, 14), (result.RestoreFiles.Path.ToStringUtf8(), result.RestoreFiles.Files, result.RestoreFiles.Bytes));
    }

    [Fact]
    public async Task Run_Everything_IsThereAsItWas()
    {
        var result = await _fixture.RunAsync(_fixture.OfTree(""));

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        _fixture.Scratch.AssertEqual(RestoreFixture.Source, "to/new");
    }

    [Theory]
    [InlineData("etc/hosts", "640 12 34 regular file")]
    [InlineData("etc/link", "777 0 0 symbolic link")]
    [InlineData("etc/out", "777 0 0 symbolic link")]
    [InlineData("etc/pipe", "644 0 0 fifo")]
    [InlineData("etc/odd\n\u00ff", "644 0 0 regular file")]
    public async Task Run_OneEntry_GetsTheNameOfTheDestination(string path, string facts)
    {
        var result = await _fixture.RunAsync(_fixture.OfTree(path));

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.Equal($"new\n{facts}\n", _fixture.Scratch.Shell("ls -A to; stat -c '%a %u %g %F' to/new"));
    }

    [Theory]
    [InlineData("etc", "to/new")]
    [InlineData("", "to/new/etc")]
    public async Task Run_WhatDecidesOverThisHost_IsRestoredEmpty(string path, string restored)
    {
        _fixture.Places = ProtectedPlaces.Of(["/etc/deep"], ["/etc/hosts"]);

        var result = await _fixture.RunAsync(_fixture.OfTree(path));

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.Equal("0\n", _fixture.Scratch.Shell($"find {restored}/deep -mindepth 1 | wc -l"));
        Assert.Equal("0\n", _fixture.Scratch.Shell($"cat {restored}/hosts {restored}/deep/er/file 2>/dev/null | wc -c"));
        Assert.Equal("symbolic link\n", _fixture.Scratch.Shell($"stat -c %F {restored}/out"));
    }

    [Fact]
    public async Task Run_NotConfined_WhatDecidesOverThisHostIsElsewhere_IsRestored()
    {
        _fixture.Places = ProtectedPlaces.Of(["/etc/fleet", "/etc/link/er"], ["/root/key"]);
        _fixture.Confine = false;

        var result = await _fixture.RunAsync(_fixture.OfTree(""));

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        _fixture.Scratch.AssertEqual(RestoreFixture.Source, "to/new");
    }

    [Theory]
    [InlineData("etc/deep", true)]
    [InlineData("etc/deep/er", true)]
    [InlineData("etc/hosts", true)]
    [InlineData("etc", false)]
    [InlineData("", false)]
    public async Task Run_WhatDecidesOverThisHost_AskedForOrNotConfined_IsRefused(string path, bool confine)
    {
        _fixture.Places = ProtectedPlaces.Of(["/etc/deep"], ["/etc/hosts"]);
        _fixture.Confine = confine;

        var result = await _fixture.RunAsync(_fixture.OfTree(path));

        Assert.Equal(ActionOutcome.Refused, result.Outcome);
        Assert.Contains("holds what controls this host", result.Message, StringComparison.Ordinal);
        Assert.Equal("", _fixture.Scratch.Shell("ls -A to"));
    }

    [Theory]
    [InlineData("etc/link/er/file", "symbolic link")]
    [InlineData("etc/out/x", "holds no etc/out/x")]
    [InlineData("etc/../../../to", "holds \"..\"")]
    [InlineData("..", "holds \"..\"")]
    [InlineData("etc/nosuch", "holds no etc/nosuch")]
    [InlineData("etc/hosts/x", "holds no etc/hosts/x")]
    [InlineData("etc\0", "NUL byte")]
    public async Task Run_PathThatLeadsOutOrNowhere_WritesNothing(string path, string says)
    {
        var result = await _fixture.RunAsync(_fixture.OfTree(path));

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains(says, result.Message, StringComparison.Ordinal);
        Assert.Equal("", _fixture.Scratch.Shell("ls -A to"));
    }

    [Theory]
    [InlineData("mkdir to/new", "etc")]
    [InlineData("touch to/new", "etc/hosts")]
    [InlineData("touch to/new", "etc")]
    public async Task Run_DestinationThatExists_IsLeftAlone(string prepare, string path)
    {
        _fixture.Scratch.Shell(prepare);
        var before = _fixture.Scratch.Shell("ls -lAR --full-time to");

        var result = await _fixture.RunAsync(_fixture.OfTree(path));

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains("already exists", result.Message, StringComparison.Ordinal);
        Assert.Equal(before, _fixture.Scratch.Shell("ls -lAR --full-time to"));
    }

    [Fact]
    public async Task Run_Overwrite_ReplacesWhatDiffersAndDeletesNothing()
    {
        _fixture.Scratch.File("to/new/mine", "mine");
        _fixture.Scratch.File("to/new/hosts", "changed");
        _fixture.Scratch.Shell("ln -s /nosuch to/new/deep");
        var action = _fixture.OfTree("etc");
        action.Overwrite = true;

        var result = await _fixture.RunAsync(action);

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.Equal(
            ("mine", "127.0.0.1", "deep"),
            (_fixture.Scratch.Read("to/new/mine"), _fixture.Scratch.Read("to/new/hosts"), _fixture.Scratch.Read("to/new/deep/er/file")));
    }

    [Fact]
    public async Task Run_OverwriteOfDamageThatSizeAndTimeDoNotShow_ReplacesIt()
    {
        _fixture.Scratch.Shell(
            $"mkdir to/new && printf 127.0.0.9 >to/new/hosts && touch -r {RestoreFixture.Source}/etc/hosts to/new/hosts");
        var action = _fixture.OfTree("etc");
        action.Overwrite = true;

        await _fixture.RunAsync(action);

        Assert.Equal("127.0.0.1", _fixture.Scratch.Read("to/new/hosts"));
    }

    [Fact]
    public async Task Run_TreeThatBecomesALink_IsNotFollowed()
    {
        var result = await _fixture.RunAsync(_fixture.OfTree("etc"), onAllowed: () =>
            _fixture.Scratch.Shell($"mv {RestoreFixture.Source} moved && ln -s ../moved {RestoreFixture.Source}"));

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Equal("", _fixture.Scratch.Shell("ls -A to"));
    }

    [Theory]
    [InlineData("backup")]
    [InlineData("backup/new")]
    [InlineData(RestoreFixture.Source + "/etc")]
    public async Task Run_IntoDatedTrees_ChangesNothing(string destination)
    {
        const string List = "ls -lRA --time-style=full-iso backup";
        var before = _fixture.Scratch.Shell(List);
        var action = _fixture.OfTree("etc", destination);
        action.Overwrite = true;

        var result = await _fixture.RunAsync(action);

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains("holds dated trees made by Fleet", result.Message, StringComparison.Ordinal);
        Assert.Equal(before, _fixture.Scratch.Shell(List));
    }

    [Fact]
    public async Task Run_OverwriteOneFile_ReplacesIt()
    {
        _fixture.Scratch.File("to/new", "changed");
        var action = _fixture.OfTree("etc/hosts");
        action.Overwrite = true;

        Assert.Equal(ActionOutcome.Succeeded, (await _fixture.RunAsync(action)).Outcome);
        Assert.Equal("127.0.0.1", _fixture.Scratch.Read("to/new"));
    }

    [Theory]
    [InlineData("etc/hosts", "mkdir to/new")]
    [InlineData("etc", "touch to/new")]
    public async Task Run_OverwriteOfAnotherKind_IsRefused(string path, string prepare)
    {
        _fixture.Scratch.Shell(prepare);
        var action = _fixture.OfTree(path);
        action.Overwrite = true;

        var result = await _fixture.RunAsync(action);

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains("choose another destination", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_DryRun_SaysWhatWouldBeWrittenAndReplacedAndWritesNothing()
    {
        _fixture.Scratch.File("to/new/hosts", "changed");
        var before = _fixture.Scratch.Shell("ls -lAR --full-time to");
        var action = _fixture.OfTree("etc");
        (action.Overwrite, action.DryRun) = (true, true);

        var result = await _fixture.RunAsync(action);

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.Equal(before, _fixture.Scratch.Shell("ls -lAR --full-time to"));
        Assert.Equal(1, result.RestoreFiles.Replaced);
        Assert.InRange(result.RestoreFiles.FreeBytes, 1, long.MaxValue);
        Assert.Contains(result.Details, d => d.EndsWith(" hosts", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_DryRunOfSomethingNew_LeavesNothingBehind()
    {
        var action = _fixture.OfTree("etc");
        action.DryRun = true;

        var result = await _fixture.RunAsync(action);

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.Equal((3, 0), (result.RestoreFiles.Files, result.RestoreFiles.Replaced));
        Assert.Equal("", _fixture.Scratch.Shell("ls -A to"));
    }

    [Fact]
    public async Task Run_FolderOfTheDestinationThatBecomesALink_WritesNothingThere()
    {
        _fixture.Scratch.Shell("mkdir elsewhere");

        var result = await _fixture.RunAsync(
            _fixture.OfTree("etc"), onAllowed: () => _fixture.Scratch.Shell("rmdir to && ln -s elsewhere to"));

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Equal("", _fixture.Scratch.Shell("ls -A elsewhere"));
    }

    [Fact]
    public async Task Run_FolderOfTheDestinationThatIsRenamedWhileItRuns_GetsTheFilesAllTheSame()
    {
        var tools = new RestoreTools(_fixture.Group)
        {
            OnCopy = () => _fixture.Scratch.Shell("mkdir elsewhere && mv to moved && ln -s elsewhere to"),
        };

        var result = await _fixture.RunAsync(_fixture.OfTree("etc"), tools);

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.Equal("new\n", _fixture.Scratch.Shell("ls -A elsewhere moved/new >/dev/null; ls -A elsewhere; ls -A moved"));
    }

    [Fact]
    public async Task Run_DestinationThatAppearsMeanwhile_IsNotReplacedAndTheMessageSaysWhereTheFilesAre()
    {
        var tools = new RestoreTools(_fixture.Group) { OnCopy = () => _fixture.Scratch.File("to/new", "somebody else's") };

        var result = await _fixture.RunAsync(_fixture.OfTree("etc/hosts"), tools);

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains(".fleet-restore-", result.Message, StringComparison.Ordinal);
        Assert.Equal("somebody else's", _fixture.Scratch.Read("to/new"));
    }

    [Fact]
    public async Task Run_SecondAttempt_GoesOnWithWhatTheFirstLeft()
    {
        var first = await _fixture.RunAsync(
            _fixture.OfTree("etc"), new RestoreTools(_fixture.Group) { OnCopy = () => _fixture.Scratch.File("to/new", "in the way") });
        Assert.Equal(ActionOutcome.Failed, first.Outcome);
        var left = _fixture.Scratch.Shell("stat -c '%a %u %n' to/.fleet-restore-*; stat -c %i to/.fleet-restore-*/new").Split('\n');
        Assert.Matches("^700 0 to/.fleet-restore-[0-9a-f]{32}$", left[0]);
        _fixture.Scratch.Shell("rm to/new");

        var result = await _fixture.RunAsync(_fixture.OfTree("etc"));

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        _fixture.Scratch.AssertEqual($"{RestoreFixture.Source}/etc", "to/new");
        Assert.Equal($"{left[1]}\nnew\n", _fixture.Scratch.Shell("stat -c %i to/new; ls -A to"));
    }

    [Theory]
    [InlineData("backup", "is not a dated tree")]
    [InlineData("to", "is not a dated tree")]
    [InlineData("nosuch", "is not a dated tree")]
    [InlineData("backup/.fleet_nightly_20261121T205500Z.1.partial", "was never finished")]
    public async Task Run_WhatIsNoFinishedTreeOfFleets_IsNotRead(string tree, string says)
    {
        var action = _fixture.OfTree("");
        action.Tree = RestoreFixture.Bytes(_fixture.Scratch.At(tree));

        var result = await _fixture.RunAsync(action);

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains(says, result.Message, StringComparison.Ordinal);
        Assert.Equal("", _fixture.Scratch.Shell("ls -A to"));
    }

    [Fact]
    public async Task Run_TreeThatIsAnotherFolderNow_IsNotRead()
    {
        _fixture.Scratch.Shell($"mv {RestoreFixture.Source} x && cp -a x {RestoreFixture.Source}");

        Assert.Contains("is not a dated tree", (await _fixture.RunAsync(_fixture.OfTree(""))).Message, StringComparison.Ordinal);
    }
}
