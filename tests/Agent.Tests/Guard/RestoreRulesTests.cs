using Fleet.Agent.Guard;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Agent.Tests.Guard;

/// <summary>The list "restore" of the guard file.</summary>
public sealed class RestoreRulesTests : IDisposable
{
    private readonly TemporaryFolder _etc = new();
    private readonly TemporaryFolder _folder = new();
    private readonly FileGuard _guard;

    public RestoreRulesTests()
    {
        Directory.CreateDirectory(_folder.File("restore/home"));
        Directory.CreateDirectory(_folder.File("backup/tree"));
        Directory.CreateDirectory(_folder.File("secret"));
        File.CreateSymbolicLink(_folder.File("restore/out"), _folder.File("secret"));
        _guard = new FileGuard(() => _etc.File("guard.yaml"));
        Write($"""
            restore:
              - path: {_folder.File("restore")}
                datasets: [tank/data]
                volumes: [vg/home]
                trees: [{_folder.File("backup")}]
              - path: {_folder.File("restore/home")}
                volumes: [vg2]
                overwrite: true
              - path: {_etc.Path}
                datasets: [tank/data]
                overwrite: true
            """);
    }

    public void Dispose()
    {
        _folder.Dispose();
        _etc.Dispose();
    }

    [Theory]
    [InlineData("restore/x", "tank/data@a", "")]
    [InlineData("restore/x", "tank/data/sub@a", "")]
    [InlineData("restore/x", "tank/database@a", "datasets do not list tank/database")]
    [InlineData("restore/x", "tank@a", "datasets do not list tank")]
    [InlineData("restore/x", "vg/home.monday", "")]
    [InlineData("restore/x", "vg2/home.monday", "list nothing of group vg2")]
    [InlineData("restore/home/x", "vg2/home.monday", "")]
    [InlineData("restore/home/x", "tank/data@a", "datasets do not list tank/data")]
    [InlineData("restore/x", "tree", "")]
    [InlineData("restore/x", "other", "trees do not list")]
    [InlineData("restore/x", "", "names no snapshot")]
    [InlineData("restore/out/x", "tank/data@a", "is a symbolic link")]
    [InlineData("restore-x", "tank/data@a", "no rule of restore covers")]
    [InlineData("restore/../secret/x", "tank/data@a", "\"..\"")]
    [InlineData("", "tank/data@a", "no rule of restore covers")]
    public void Check_DestinationAndSource_OnlyWhatTheNearestRuleCovers(string destination, string source, string refused)
    {
        var decision = Check(_folder.File(destination), source);

        Assert.True(decision.Allowed == (refused.Length == 0), decision.Message);
        Assert.Contains(refused.Length == 0 ? "allowed" : refused, decision.Message, StringComparison.Ordinal);
        Assert.Contains("guard.yaml", decision.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_Overwrite_OnlyWhereTheRuleAllowsIt()
    {
        Assert.Contains(
            "does not allow overwrite",
            Check(_folder.File("restore/x"), "tank/data@a", overwrite: true).Message,
            StringComparison.Ordinal);
        Assert.True(Check(_folder.File("restore/home/x"), "vg2/a", overwrite: true).Allowed);
    }

    [Theory]
    [InlineData("guard.yaml")]
    [InlineData("new")]
    [InlineData("")]
    public void Check_TheGuardFileAndWhatIsBesideIt_NoRuleCanAllow(string name) =>
        Assert.Contains(
            "outside every rule",
            Check(Path.Join(_etc.Path, name), "tank/data@a", overwrite: true).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Check_TheGuardFilesFolderWithoutARule_IsNotAskedFor()
    {
        Write($"restore: [{{path: {_folder.File("restore")}, datasets: [tank/data]}}]\n");
        var message = Check(_etc.Path, "tank/data@a").Message;
        Assert.Contains("outside every rule", message, StringComparison.Ordinal);
        Assert.DoesNotContain("add it", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_TheFolderAboveTheGuardFile_NoRuleCanAllow()
    {
        Write("restore: [{path: /, datasets: [tank/data]}]\n");
        Assert.Contains("outside every rule", Check(Path.GetDirectoryName(_etc.Path)!, "tank/data@a").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Allowance_OfAVolume_ByItsNameOrTheGroups()
    {
        var allowance = Check(_folder.File("restore/x"), "vg/home.monday").Restore!;

        Assert.Null(allowance.RefusalOfVolume("vg/home", "vg/home.monday"));
        Assert.Contains("vg/other", allowance.RefusalOfVolume("vg/other", "vg/other.monday")!.Message, StringComparison.Ordinal);
        Assert.NotNull(allowance.RefusalOfVolume("vg/homes"));
    }

    [Fact]
    public void AllowedActions_WithARule_NameIt() => Assert.Equal(["restore.files"], _guard.AllowedActions());

    [Theory]
    [InlineData("- {path: restore, datasets: [tank]}", "must be an absolute path")]
    [InlineData("- {path: /srv}", "needs datasets, volumes or trees")]
    [InlineData("- {path: /srv, datasets: [tank@a]}", "must be the name of a dataset")]
    [InlineData("- {path: /srv, volumes: [a/b/c]}", "must be the name of a volume group")]
    [InlineData("- {path: /srv, trees: [backup]}", "must be an absolute path")]
    [InlineData("- {path: /srv, trees: [/a]}\n  - {path: /srv, trees: [/b]}", "is named twice")]
    [InlineData("- {path: /srv, trees: [/a], allow: [all]}", "allow")]
    public void Check_FileThatIsWrong_AllowsNothingAndSaysWhat(string rules, string says)
    {
        Write($"restore:\n  {rules}\n");

        var decision = Check("/srv/x", "tank/data@a");

        Assert.False(decision.Allowed);
        Assert.Contains(says, decision.Message, StringComparison.Ordinal);
    }

    private void Write(string text) => _etc.Write("guard.yaml", text);

    private GuardDecision Check(string destination, string source, bool overwrite = false)
    {
        var action = new RestoreFilesAction { Destination = ByteString.CopyFromUtf8(destination), Overwrite = overwrite };
        if (source.Contains('@', StringComparison.Ordinal))
        {
            action.Zfs = new ZfsSnapshotRef { Name = source };
        }
        else if (source.Contains('/', StringComparison.Ordinal))
        {
            action.Lvm = new LvmSnapshotRef { Name = source };
        }
        else if (source.Length > 0)
        {
            action.Tree = ByteString.CopyFromUtf8(_folder.File(source == "tree" ? "backup/tree" : "secret"));
        }

        return _guard.Check(new Protocol.V1.Action { RestoreFiles = action });
    }
}
