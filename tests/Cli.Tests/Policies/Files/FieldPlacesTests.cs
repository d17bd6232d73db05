using Fleet.Cli.Policies.Files;
using Fleet.Protocol.V1;
using Google.Protobuf.Reflection;

namespace Fleet.Cli.Tests.Policies.Files;

public sealed class FieldPlacesTests
{
    private static readonly IReadOnlyList<PolicyDocument> Documents = PolicyFiles.Read(["-"], () => new MemoryStream("""
        policy: first
        hosts: [web1]
        command: {program: /bin/true}
        ---
        policy: second
        hosts: [web1, web2]
        every: 15m
        retry: {attempts: 3}
        rsync:
          source: /a
          destination: {path: /b, ssh: {host: x}}
          mode: mirror
          exclude: [one, two]
          bandwidth_limit: 1MiB
        """u8.ToArray())).Value!;

    /// <summary>What the coordinator puts into the action of a single run, and refuses in a policy.</summary>
    private static readonly string[] OnlyInRuns =
    [
        "action.zfs_prune.confirmation",
        "action.zfs_prune.assumed_now",
        "action.lvm_prune.confirmation",
        "action.lvm_prune.assumed_now",
        "action.zfs_hold.",
        "action.zfs_rollback.",
        "action.zfs_clone.",
        "action.lvm_restore.",
        "action.lvm_protect.",
        "action.restore_files.",
        "action.clock_accept.",
        "action.zfs_snapshot.note",
        "action.rsync.confirmation",
        "action.rsync.destination.single_file",
    ];

    [Theory]
    [InlineData("policies[0].name", "<standard input>:1:9: policy: bad")]
    [InlineData("policies[0]", "<standard input>:1:1: policy: bad")]
    [InlineData("policies[0].action.command.program", "<standard input>:3:20: command.program: bad")]
    [InlineData("policies[1].target.hosts[1]", "<standard input>:6:15: hosts[1]: bad")]
    [InlineData("policies[1].target", "<standard input>:6:8: hosts: bad")]
    [InlineData("policies[1].schedule.every", "<standard input>:7:8: every: bad")]
    [InlineData("policies[1].retry.max_attempts", "<standard input>:8:19: retry.attempts: bad")]
    [InlineData("policies[1].action.rsync.source.path", "<standard input>:10:11: rsync.source.path: bad")]
    [InlineData("policies[1].action.rsync.destination.ssh.host", "<standard input>:11:39: rsync.destination.ssh.host: bad")]
    [InlineData("policies[1].action.rsync.excludes[1]", "<standard input>:13:18: rsync.exclude[1]: bad")]
    [InlineData("policies[1].action.rsync.bandwidth_limit_bytes_per_second", "<standard input>:14:20: rsync.bandwidth_limit: bad")]
    [InlineData("policies[1].action.rsync.destination.required_mount", "<standard input>:11:16: rsync.destination.mount: bad")]
    [InlineData("policies[7].name", "policies[7].name: bad")]
    [InlineData("something.else", "something.else: bad")]
    [InlineData("policies[x].name", "policies[x].name: bad")]
    public void Describe_RefusedField_NamesItsPlaceInTheFile(string field, string expected) =>
        Assert.Equal(expected, FieldPlaces.Describe(new FieldViolation { Field = field, Message = "bad" }, Documents));

    [Theory]
    [InlineData("schedule.every", "00:15:00", "15m")]
    [InlineData("freshness", "2.00:00:00", "2d")]
    [InlineData("freshness", "something new", "something new")]
    [InlineData("action.rsync.mode", "RSYNC_MODE_MIRROR", "mirror")]
    [InlineData("action.rsync.bandwidth_limit_bytes_per_second", "10485760", "10MiB")]
    [InlineData("action.lvm_snapshot.classic_size_bytes", "2147483648", "2GiB")]
    [InlineData("description", "00:15:00", "00:15:00")]
    public void ToYamlValue_ProtocolsWords_BecomeTheFiles(string field, string value, string expected) =>
        Assert.Equal(expected, FieldPlaces.ToYamlValue(field, value));

    /// <summary>
    /// A field that is added to the proto must get a name in the file, or be known to have none. Restores belong to no policy.
    /// </summary>
    [Fact]
    public void ToYaml_EveryFieldOfThePolicy_IsAKeyThatTheReaderKnows()
    {
        var everything = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "samples", "good", "everything.yaml"))
            + File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "samples", "good", "minimal.yaml"));
        foreach (var path in Leaves(PolicySpec.Descriptor, "").Except(OnlyInRuns).Where(
            p => !OnlyInRuns.Any(only => only.EndsWith('.') && p.StartsWith(only, StringComparison.Ordinal))))
        {
            var key = FieldPlaces.ToYaml(path).Split('.')[^1];
            Assert.Contains($"{key}:", everything, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<string> Leaves(MessageDescriptor message, string prefix) =>
        message
            .Fields.InDeclarationOrder()
            .SelectMany(f =>
                f.FieldType == FieldType.Message && !f.IsMap && f.MessageType.File.Package == "fleet.v1"
                    ? Leaves(f.MessageType, $"{prefix}{f.Name}.")
                    : [prefix + f.Name]);
}
