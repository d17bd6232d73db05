using System.Globalization;
using System.Text.Json;
using Fleet.Agent.Enrolment;
using Fleet.Agent.Storage;
using Fleet.Agent.Tests.Children;
using Fleet.Agent.Tests.Session;
using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Tools;

namespace Fleet.Agent.Tests.Check;

/// <summary>`fleet-agent check` as an operator runs it.</summary>
public sealed class CheckCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public CheckCommandTests()
    {
        Configure("");
        Guard("commands: [{program: /bin/true, arguments: []}]\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Check_AllWell_SaysSoInLinesAndInJson()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Enrol(coordinator);

        var (code, lines) = await RunAsync();
        Assert.Equal(0, code);
        Assert.All(lines, l => Assert.StartsWith("OK   ", l, StringComparison.Ordinal));
        Assert.Contains($"OK   configuration: {_folder.File("agent.yaml")}", lines);
        Assert.Contains($"OK   guard: {_folder.File("guard.yaml")} allows command", lines);
        Assert.Contains(lines, l => l.StartsWith($"OK   certificate: h ({AgentFixture.HostId}), expires at 2", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith($"OK   connection: {coordinator.Address} answers in ", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("OK   tools: rsync: ", StringComparison.Ordinal));

        var report = await JsonAsync(expectedCode: 0);
        Assert.Equal("ok", report.Level);
        Assert.Equal(
            ["configuration", "guard", "state", "certificate", "connection", "clock", "tools"],
            report.Items.Select(i => i.Name).Distinct());
        Assert.All(report.Items, i => Assert.Equal(("ok", ""), (i.Level, i.WhatToDo)));
        Assert.Equal(lines.Length, report.Items.Count);
    }

    [Fact]
    public async Task Check_NoIdentity_FailsAndSaysHowToEnrol()
    {
        Directory.CreateDirectory(_folder.File("state"));
        var item = await FindingAsync("certificate", "fail", expectedCode: 2);
        Assert.Equal("this host is not enrolled", item.Message);
        Assert.Contains("fleet-agent enroll ADDRESS TOKEN", item.WhatToDo, StringComparison.Ordinal);

        // In lines, what to do stands below its item.
        var (code, lines) = await RunAsync();
        Assert.Equal(2, code);
        Assert.Equal($"     -> {item.WhatToDo}", lines[Array.IndexOf(lines, "FAIL certificate: this host is not enrolled") + 1]);
    }

    [Fact]
    public async Task Check_IdentityIsDamaged_FailsAndSaysWhatIsWrong()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Enrol(coordinator);
        await File.WriteAllTextAsync(
            _folder.File("state/identity/key.pem"), "-----BEGIN PRIVATE KEY-----\n", TestContext.Current.CancellationToken);
        var item = await FindingAsync("certificate", "fail", expectedCode: 2);
        Assert.Contains($"{_folder.File("state/identity")} cannot be read", item.Message, StringComparison.Ordinal);
        Assert.Contains("enrol", item.WhatToDo, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_CertificateOfTheCoordinatorNotValidByThisClock_NamesTheClock()
    {
        var ended = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await using var coordinator = await ScriptedCoordinator.StartAsync(certificateEnds: ended);
        Enrol(coordinator);

        var item = await FindingAsync("connection", "fail", expectedCode: 2);

        Assert.Contains(
            "valid from 2020-01-01 00:00:00Z to 2026-01-01 00:00:00Z, and this host's clock says 2",
            item.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(91, "fail", 2, "expired at 2", "renews it by itself")]
    [InlineData(460, "fail", 2, "expired at 2", "enroll --force")]
    [InlineData(62, "warn", 1, "was not renewed in time", "journalctl -u fleet-agent")]
    public async Task Check_OldCertificate_IsFound(int ageDays, string level, int expectedCode, string says, string whatToDo)
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        coordinator.Enrol(new IdentityStore(_folder.File("state")), TimeSpan.FromDays(ageDays));
        var item = await FindingAsync("certificate", level, expectedCode);
        Assert.Contains(says, item.Message, StringComparison.Ordinal);
        Assert.Contains(whatToDo, item.WhatToDo, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_NobodyListens_FailsForThatAddressOnly()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        coordinator.Enrol(new IdentityStore(_folder.File("state")), TimeSpan.FromMinutes(1), ["https://127.0.0.1:1", coordinator.Address]);
        var item = await FindingAsync("connection", "fail", expectedCode: 2);
        Assert.StartsWith("https://127.0.0.1:1: ", item.Message, StringComparison.Ordinal);
        Assert.Contains("7443", item.WhatToDo, StringComparison.Ordinal);
        Assert.Contains((await JsonAsync(2)).Items, i =>
            i is { Name: "connection", Level: "ok" } && i.Message.StartsWith(coordinator.Address, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Check_CoordinatorOfAnotherFleet_IsNotTakenForOurs()
    {
        await using var ours = await ScriptedCoordinator.StartAsync();
        await using var other = await ScriptedCoordinator.StartAsync();
        ours.Enrol(new IdentityStore(_folder.File("state")), TimeSpan.FromMinutes(1), [other.Address]);
        var item = await FindingAsync("connection", "fail", expectedCode: 2);
        Assert.Contains("certificate", item.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("openssl s_client", item.WhatToDo, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("log_level: loud\n", ":3:12: log_level: must be one of")]
    [InlineData("labels: [\n", ":4:1: ")]
    public async Task Check_BadConfiguration_IsNamedWithItsPlace(string configuration, string says)
    {
        Configure(configuration);
        var item = await FindingAsync("configuration", "fail", expectedCode: 2);
        Assert.Contains(_folder.File("agent.yaml") + says, item.Message, StringComparison.Ordinal);
        Assert.Contains("keeps its old configuration", item.WhatToDo, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_NamedConfigurationFileIsMissing_IsTheOneFinding()
    {
        File.Delete(_folder.File("agent.yaml"));
        var item = Assert.Single((await JsonAsync(expectedCode: 2)).Items);
        Assert.Equal(("configuration", "fail"), (item.Name, item.Level));
        Assert.Contains("no such file", item.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("enroll", "localhost", "fleet1.a.b.c")]
    public async Task OtherVerbs_NamedConfigurationFileIsMissing_EndWithConfigurationErrorAndMakeNothing(params string[] verb)
    {
        File.Delete(_folder.File("agent.yaml"));
        var (code, lines) = await RunAsync(AgentProgram.Request([.. verb, "--config", _folder.File("agent.yaml")]));
        Assert.Equal(78, code);
        Assert.Contains(lines, l => l.Contains("no such file", StringComparison.Ordinal));
        Assert.Empty(Directory.GetFileSystemEntries(Path.GetDirectoryName(_folder.File("agent.yaml"))!, "state*"));
    }

    [Fact]
    public async Task Check_GuardAllowsStorageOnly_IsWell()
    {
        File.WriteAllText(
            _folder.File("guard.yaml"),
            "zfs: [{dataset: tank, allow: [snapshot]}]\nlvm: [{volume: vg/home, allow: [snapshot]}]\n");
        Assert.Contains((await JsonAsync(expectedCode: null)).Items, i =>
            i is { Name: "guard", Level: "ok" } && i.Message.EndsWith("allows zfs.snapshot, lvm.snapshot", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("rsync: {sources: [/x], remotes: [nas1]}", true, "ok", "sees nothing but what it copies", "")]
    [InlineData("restore: [{path: /x, volumes: [vg]}]", true, "ok", "sees nothing but what it copies", "")]
    [InlineData("rsync: {remotes: [nas1], confine: false}", true, "warn", "could be confined here", "remove confine: false from")]
    [InlineData("rsync: {remotes: [nas1]}", false, "fail", "open_tree", "or turn confinement off: rsync: {confine: false} in ")]
    [InlineData("rsync: {remotes: [nas1], confine: false}", false, "ok", "open_tree", "")]
    public async Task Check_Confinement_IsTried(string guard, bool possible, string level, string says, string whatToDo)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        Guard(guard + "\n");
        var request = Request(json: true);
        if (!possible)
        {
            request = request with
            {
                Program = "setpriv",
                Arguments = ["--bounding-set", "-sys_admin", request.Program, .. request.Arguments],
            };
        }

        var (_, lines) = await RunAsync(request);

        var item = Assert.Single(Parse(lines).Items, i => i.Name == "confinement");
        Assert.Equal(level, item.Level);
        Assert.Contains(says, item.Message, StringComparison.Ordinal);
        Assert.Contains(whatToDo, item.WhatToDo, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense: 1\n", "fail", ":1:1: unknown key 'nonsense'")]
    [InlineData(null, "fail", "there is no guard file")]
    [InlineData("commands: []\n", "warn", "allows nothing")]
    public async Task Check_BadGuardFile_IsFound(string? guard, string level, string says)
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Enrol(coordinator);
        File.Delete(_folder.File("guard.yaml"));
        if (guard is not null)
        {
            Guard(guard);
        }

        var item = await FindingAsync("guard", level, expectedCode: level == "warn" ? 1 : 2);
        Assert.Contains(says, item.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.File("guard.yaml"), item.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_GuardFileThatOthersMayWrite_IsNotTrusted()
    {
        File.SetUnixFileMode(_folder.File("guard.yaml"), File.GetUnixFileMode(_folder.File("guard.yaml")) | UnixFileMode.OtherWrite);
        var item = await FindingAsync("guard", "fail", expectedCode: 2);
        Assert.Contains($"chmod go-w {_folder.File("guard.yaml")}", item.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(600, "fail", 2)]
    [InlineData(-600, "fail", 2)]
    [InlineData(20, "warn", 1)]
    public async Task Check_ClocksDiffer_SaysHowMuch(int seconds, string level, int expectedCode)
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        coordinator.Plays.ClockIsAhead = TimeSpan.FromSeconds(seconds);
        Enrol(coordinator);
        var item = await FindingAsync("clock", level, expectedCode);
        var said = int.Parse(item.Message.Split(' ')[^2], CultureInfo.InvariantCulture);
        Assert.InRange(said, Math.Abs(seconds) - 5, Math.Abs(seconds) + 5);
        Assert.Contains("timedatectl set-ntp true", item.WhatToDo, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_ByAUserWhoMayNotReadTheState_SaysSoAndNotThatTheHostIsNotEnrolled()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        Enrol(coordinator);
        var request = Request(json: true);
        if (Environment.IsPrivilegedProcess)
        {
            request = AsNobody(request);
        }
        else
        {
            File.SetUnixFileMode(_folder.File("state"), UnixFileMode.None);
        }

        var (code, lines) = await RunAsync(request);
        File.SetUnixFileMode(_folder.File("state"), DurableFile.PrivateFolder);
        Assert.Equal(2, code);
        var report = Parse(lines);
        Assert.Contains(report.Items, i => i is { Name: "state", Level: "fail", WhatToDo: "run as root" });
        Assert.DoesNotContain(report.Items, i => i.Message.Contains("not enrolled", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Check_WrongUsage_IsTwo()
    {
        var (code, lines) = await RunAsync(AgentProgram.Request("check", "everything"));
        Assert.Equal(2, code);
        Assert.Equal("fleet-agent: check takes no everything", lines[0]);
    }

    private static Report Parse(string[] lines)
    {
        using var document = JsonDocument.Parse(Assert.Single(lines));
        var report = document.RootElement;
        Assert.Equal(["level", "items"], report.EnumerateObject().Select(p => p.Name));
        List<Item> items = [];
        foreach (var item in report.GetProperty("items").EnumerateArray())
        {
            Assert.Equal(["level", "name", "message", "what_to_do"], item.EnumerateObject().Select(p => p.Name));
            items.Add(
                new Item(
                    item.GetProperty("level").GetString()!,
                    item.GetProperty("name").GetString()!,
                    item.GetProperty("message").GetString()!,
                    item.GetProperty("what_to_do").GetString()!));
        }

        Assert.All(items.Where(i => i.Level != "ok"), i => Assert.NotEqual("", i.WhatToDo));
        return new Report(report.GetProperty("level").GetString()!, items);
    }

    private static async Task<(int Code, string[] Lines)> RunAsync(ToolRequest request)
    {
        var output = new RecordingOutput();
        var result = await new ToolRunner(TimeProvider.System).RunAsync(
            request with
            {
                Timeout = TimeSpan.FromSeconds(60),
            },
            output,
            TestContext.Current.CancellationToken);
        Assert.Equal(ToolEnd.Exited, result.End);
        return (result.ExitCode!.Value, [.. output.Lines.Select(l => l.Text)]);
    }

    private Task<(int Code, string[] Lines)> RunAsync() => RunAsync(Request(json: false));

    /// <param name="expectedCode">Null: any.</param>
    private async Task<Report> JsonAsync(int? expectedCode)
    {
        var (code, lines) = await RunAsync(Request(json: true));
        Assert.Equal(expectedCode ?? code, code);
        var report = Parse(lines);
        Assert.Equal(code switch { 0 => "ok", 1 => "warn", _ => "fail" }, report.Level);
        return report;
    }

    /// <summary>The one item of this name that is not well; when it is the worst, the exit code says so.</summary>
    private async Task<Item> FindingAsync(string name, string level, int expectedCode)
    {
        var item = Assert.Single((await JsonAsync(expectedCode)).Items, i => i.Name == name && i.Level != "ok");
        Assert.Equal(level, item.Level);
        return item;
    }

    private ToolRequest Request(bool json) =>
        json
            ? AgentProgram.Request("check", "--json", "--config", _folder.File("agent.yaml"))
            : AgentProgram.Request("check", "--config", _folder.File("agent.yaml"));

    /// <summary>The program is copied to where every user may read it; the state stays root's alone.</summary>
    private ToolRequest AsNobody(ToolRequest request)
    {
        const UnixFileMode Public =
            DurableFile.PrivateFolder
            | UnixFileMode.GroupRead
            | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead
            | UnixFileMode.OtherExecute;
        var program = Directory.CreateDirectory(_folder.File("program"), Public).FullName;
        foreach (var file in Directory.EnumerateFiles(AgentProgram.Folder, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Join(program, Path.GetRelativePath(AgentProgram.Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!, Public);
            File.Copy(file, copy);
            File.SetUnixFileMode(copy, Public);
        }

        File.SetUnixFileMode(_folder.Path, Public);
        File.SetUnixFileMode(_folder.File("agent.yaml"), Public);
        return request with
        {
            Program = "setpriv",
            Arguments = ["--reuid=65534", "--regid=65534", "--clear-groups", "--", Path.Join(program, "fleet-agent"), .. request.Arguments],
        };
    }

    private void Configure(string configuration) =>
        _folder.Write("agent.yaml", $"state_directory: {_folder.File("state")}\nguard_file: {_folder.File("guard.yaml")}\n{configuration}");

    private void Guard(string guard) => _folder.Write("guard.yaml", guard);

    private void Enrol(ScriptedCoordinator coordinator) =>
        coordinator.Enrol(new IdentityStore(_folder.File("state")), TimeSpan.FromMinutes(1));

    private sealed record Report(string Level, List<Item> Items);

    private sealed record Item(string Level, string Name, string Message, string WhatToDo);
}
