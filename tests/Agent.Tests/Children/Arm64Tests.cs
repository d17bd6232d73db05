using System.Text.Json;
using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Agent.Tests.Children;

/// <summary>
/// The agent of the arm64 package, under qemu-user: as far as it can run there. qemu-user of Debian 12 has no openat2(2), so what works on
/// paths is refused, and says so.
/// </summary>
public class Arm64Tests
{
    private const string NoCall = "this kernel does not offer openat2(2)";

    /// <summary>Folder with "packages" and "libraries", as tests/rig/check-arm64 makes it.</summary>
    private static readonly string? Folder = Environment.GetEnvironmentVariable("FLEET_TEST_ARM64");

    [Fact]
    public async Task Agent_UnderQemu_JoinsRunsCommandsAndRefusesPathsWithTheReason()
    {
        SkipWithoutPackage();
        await using var agent = await AgentProcess.StartAsync(
            "",
            "commands: [{program: /usr/bin/id, arguments: [-u]}]\nrsync: {sources: [/usr], destinations: [{path: /var, allow: [copy]}]}",
            Request);
        agent.Order("command", "/usr/bin/id", "-u");
        var done = await agent.ResultAsync("command");
        Assert.Equal(ActionOutcome.Succeeded, done.Outcome);

        agent.Order("copy", new Protocol.V1.Action
        {
            Rsync = new RsyncAction
            {
                Source = new RsyncEndpoint { Path = ByteString.CopyFromUtf8("/usr/share") },
                Destination = new RsyncEndpoint { Path = ByteString.CopyFromUtf8("/var/nothing") },
                Mode = RsyncMode.Copy,
            },
        });
        var refused = await agent.ResultAsync("copy");
        Assert.Equal(ActionOutcome.Refused, refused.Outcome);
        Assert.Contains(NoCall, refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists("/var/nothing"));
    }

    [Fact]
    public async Task Check_UnderQemu_SaysWhatIsRefusedAndWhy()
    {
        SkipWithoutPackage();
        using var folder = new TemporaryFolder();
        folder.Write("guard.yaml", "rsync: {sources: [/usr], destinations: [{path: /var, allow: [copy]}]}");
        folder.Write("agent.yaml", $"state_directory: {folder.File("state")}\nguard_file: {folder.File("guard.yaml")}\n");
        var output = new RecordingOutput();
        await new ToolRunner(TimeProvider.System).RunAsync(
            Request("check", "--json", "--config", folder.File("agent.yaml")), output, TestContext.Current.CancellationToken);
        using var report = JsonDocument.Parse(Assert.Single(output.Lines).Text);
        var items = report
            .RootElement.GetProperty("items")
            .EnumerateArray()
            .ToLookup(i => $"{i.GetProperty("name")} {i.GetProperty("level")}", i => i.GetProperty("message").GetString()!);
        Assert.StartsWith(
            $"runs of rsync and restores are refused: {NoCall}",
            Assert.Single(items["confinement fail"]),
            StringComparison.Ordinal);
        Assert.Single(items["guard ok"]);
    }

    private static void SkipWithoutPackage() =>
        Assert.SkipWhen(Folder is null, "needs the arm64 package, which takes minutes to build: tests/rig/check-arm64");

    private static ToolRequest Request(params ReadOnlySpan<string> arguments) =>
        new()
        {
            Program = "qemu-aarch64",
            Arguments =
            [
                "-L",
                Path.Join(Folder, "libraries"),
                Path.Join(Folder, "packages/usr/lib/fleet-agent/fleet-agent"),
                .. arguments.ToArray().Select(a => (ToolArgument)a),
            ],
            Grace = TimeSpan.FromSeconds(30),
        };
}
