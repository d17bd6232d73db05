using Fleet.Agent.Actions.Rsync;
using Fleet.Agent.Actions.Rsync.Reasons;
using Fleet.Agent.Ssh;
using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Rsync.Reasons;

/// <summary>
/// What rsync, ssh and the other side print when something fails, recorded from real releases (record-rsync), and what is made of it.
/// </summary>
public sealed class RsyncReasonsTests
{
    private static readonly Dictionary<string, FailureKind> Kinds = new()
    {
        ["daemon-password-readable"] = FailureKind.PasswordFileUnusable,
        ["daemon-password-missing"] = FailureKind.PasswordFileUnusable,
        ["daemon-password-empty"] = FailureKind.PasswordFileUnusable,
        ["daemon-password-foreign"] = FailureKind.PasswordFileUnusable,
        ["daemon-password-wrong"] = FailureKind.PasswordRefused,
        ["daemon-password-none"] = FailureKind.PasswordRefused,
        ["daemon-read-only"] = FailureKind.Refused,
        ["daemon-write-only"] = FailureKind.Refused,
        ["daemon-module-unknown"] = FailureKind.Refused,
        ["daemon-module-path-missing"] = FailureKind.Refused,
        ["daemon-host-refused"] = FailureKind.Refused,
        ["daemon-option-refused"] = FailureKind.Refused,
        ["daemon-path-missing"] = FailureKind.SourceUnusable,
        ["daemon-list-missing"] = FailureKind.SourceUnusable,
        ["daemon-parent-missing"] = FailureKind.DestinationUnusable,
        ["daemon-max-connections"] = FailureKind.TooManyConnections,
        ["daemon-port-closed"] = FailureKind.NotReachable,
        ["daemon-no-route"] = FailureKind.NotReachable,
        ["daemon-port-ssh"] = FailureKind.WrongPeer,
        ["daemon-host-unknown"] = FailureKind.NameUnknown,
        ["daemon-name-not-there"] = FailureKind.NameUnknown,
        ["daemon-no-answer"] = FailureKind.Unknown,
        ["daemon-permission"] = FailureKind.SomeEntries,
        ["daemon-broken"] = FailureKind.ConnectionLost,
        ["ssh-key-open"] = FailureKind.KeyFileUnusable,
        ["ssh-key-missing"] = FailureKind.KeyFileUnusable,
        ["ssh-key-garbage"] = FailureKind.KeyFileUnusable,
        ["ssh-key-passphrase"] = FailureKind.NotLetIn,
        ["ssh-key-stranger"] = FailureKind.NotLetIn,
        ["ssh-account-locked"] = FailureKind.NotLetIn,
        ["ssh-account-shell-missing"] = FailureKind.NotLetIn,
        ["ssh-host-changed"] = FailureKind.HostKeyChanged,
        ["ssh-host-changed-port"] = FailureKind.HostKeyChanged,
        ["ssh-host-unknown"] = FailureKind.HostKeyUnknown,
        ["ssh-name-unknown"] = FailureKind.NameUnknown,
        ["ssh-name-not-there"] = FailureKind.NameUnknown,
        ["ssh-nothing-in-common"] = FailureKind.WrongPeer,
        ["ssh-port-closed"] = FailureKind.NotReachable,
        ["ssh-port-daemon"] = FailureKind.NotReachable,
        ["ssh-no-answer"] = FailureKind.NotReachable,
        ["ssh-no-route"] = FailureKind.NotReachable,
        ["ssh-shell-prints"] = FailureKind.ShellPrints,
        ["ssh-shell-prints-secluded"] = FailureKind.ShellPrints,
        ["ssh-shell-prints-push"] = FailureKind.ShellPrints,
        ["ssh-shell-nologin"] = FailureKind.ShellPrints,
        ["ssh-shell-nologin-push"] = FailureKind.ShellPrints,
        ["ssh-shell-false"] = FailureKind.ClosedInSilence,
        ["ssh-forced-texts"] = FailureKind.ShellPrints,
        ["ssh-forced-texts-secluded"] = FailureKind.ShellPrints,
        ["ssh-forced-texts-mirror"] = FailureKind.ShellPrints,
        ["ssh-forced-dies"] = FailureKind.ClosedInSilence,
        ["ssh-forced-dies-secluded"] = FailureKind.ClosedInSilence,
        ["ssh-forced-dies-mirror"] = FailureKind.ClosedInSilence,
        ["ssh-forced-missing"] = FailureKind.ToolMissing,
        ["ssh-forced-missing-secluded"] = FailureKind.ToolMissing,
        ["ssh-forced-missing-mirror"] = FailureKind.ToolMissing,
        ["ssh-forced-read"] = FailureKind.SourceUnusable,
        ["ssh-forced-read-secluded"] = FailureKind.Refused,
        ["ssh-forced-read-mirror"] = FailureKind.Refused,
        ["ssh-forced-write"] = FailureKind.Refused,
        ["ssh-forced-write-secluded"] = FailureKind.Refused,
        ["ssh-forced-write-mirror"] = FailureKind.DestinationUnusable,
        ["ssh-forced-both"] = FailureKind.SourceUnusable,
        ["ssh-forced-both-secluded"] = FailureKind.Refused,
        ["ssh-forced-both-mirror"] = FailureKind.DestinationUnusable,
        ["ssh-forced-nodelete"] = FailureKind.SourceUnusable,
        ["ssh-forced-nodelete-secluded"] = FailureKind.Refused,
        ["ssh-forced-nodelete-mirror"] = FailureKind.Refused,
        ["ssh-forced-wrapper"] = FailureKind.SomeEntries,
        ["ssh-forced-wrapper-secluded"] = FailureKind.SomeEntries,
        ["ssh-forced-wrapper-mirror"] = FailureKind.Refused,
        ["ssh-rsync-missing"] = FailureKind.ToolMissing,
        ["ssh-rsync-not-executable"] = FailureKind.ToolMissing,
        ["ssh-sudo-password"] = FailureKind.ToolMissing,
        ["ssh-source-missing"] = FailureKind.SourceUnusable,
        ["ssh-list-missing"] = FailureKind.SourceUnusable,
        ["ssh-source-is-file"] = FailureKind.SourceUnusable,
        ["ssh-source-permission"] = FailureKind.SourceUnusable,
        ["ssh-parent-missing"] = FailureKind.DestinationUnusable,
        ["ssh-destination-permission"] = FailureKind.DestinationUnusable,
        ["ssh-file-permission"] = FailureKind.SomeEntries,
        ["ssh-broken"] = FailureKind.ConnectionLost,
        ["ssh-cut"] = FailureKind.ConnectionLost,
        ["disk-full"] = FailureKind.DiskFull,
        ["disk-full-ssh"] = FailureKind.DiskFull,
        ["disk-full-daemon"] = FailureKind.DiskFull,
        ["disk-quota"] = FailureKind.DiskFull,
        ["disk-read-only"] = FailureKind.ReadOnly,
        ["disk-read-only-new"] = FailureKind.ReadOnly,
        ["disk-read-only-ssh"] = FailureKind.ReadOnly,
        ["file-permission"] = FailureKind.SomeEntries,
        ["destination-permission"] = FailureKind.DestinationUnusable,
        ["parent-missing"] = FailureKind.DestinationUnusable,
        ["destination-is-file"] = FailureKind.DestinationUnusable,
        ["name-too-long"] = FailureKind.DestinationUnusable,
        ["source-missing"] = FailureKind.SourceUnusable,
        ["max-delete"] = FailureKind.DeletionsStopped,
        ["vanished"] = FailureKind.SomeEntries,
        ["signal"] = FailureKind.Unknown,
        ["option-unknown"] = FailureKind.OptionUnknown,
        ["local-good"] = FailureKind.OptionUnknown,
        ["alone-host-changed"] = FailureKind.HostKeyChanged,
        ["alone-key-open"] = FailureKind.KeyFileUnusable,
        ["alone-port-closed"] = FailureKind.NotReachable,
        ["alone-cut"] = FailureKind.ConnectionLost,
        ["alone-silent"] = FailureKind.ConnectionLost,
        ["alone-tool-missing"] = FailureKind.Unknown,
        ["alone-nologin"] = FailureKind.Unknown,
    };

    /// <summary>Some releases of rrsync refuse what the others pass on to an rsync that finds nothing there.</summary>
    private static readonly (string Release, string Name)[] RefusedByRestriction =
    [
        ("rsync-3.5.0", "ssh-forced-read"), ("rsync-3.5.0", "ssh-forced-both"), ("rsync-3.5.0", "ssh-forced-nodelete"),
        ("rsync-3.5.1", "ssh-forced-read"), ("rsync-3.5.1", "ssh-forced-both"), ("rsync-3.5.1", "ssh-forced-nodelete"),
        ("rsync-3.2.3", "ssh-forced-nodelete"),
    ];

    public static TheoryData<string> Releases => Recording.Releases();

    [Fact]
    public void Recordings_AreThere_OfFourReleases() => Assert.Equal(4, Releases.Count);

    [Theory]
    [MemberData(nameof(Releases))]
    public void EveryFailure_HasItsKind(string release)
    {
        var kinds = Kinds.ToDictionary(k => k.Key, k => RefusedByRestriction.Contains((release, k.Key)) ? FailureKind.Refused : k.Value);
        foreach (var name in Recording
                .Names(release)
                .Where(n => n.StartsWith("key-check-", StringComparison.Ordinal) || n.StartsWith("shell-answer-", StringComparison.Ordinal)))
        {
            kinds[name] = FailureKind.Unknown;
        }

        Recording.AssertKinds(release, kinds, recording =>
            Explain(recording) is { } reason ? (reason.Kind, reason.Message) : (FailureKind.Unknown, ""));
    }

    [Theory]
    [InlineData(
        "daemon-password-readable",
        false,
        "rsync does not use the password file /etc/fleet/password, because others may read it: chmod 600 /etc/fleet/password"
    )]
    [InlineData(
        "daemon-password-missing",
        false,
        "the password file /tmp/fleet-record/missing cannot be opened (No such file or directory)"
    )]
    [InlineData(
        "daemon-password-wrong",
        false,
        "refused the user or password for its module data: compare user and password file (/etc/fleet/password)"
    )]
    [InlineData(
        "daemon-read-only",
        false,
        "the module data of web1.example is read only: 'read only = no' in its rsyncd.conf, or another module"
    )]
    [InlineData("daemon-module-unknown", false, "has no module nosuch")]
    [InlineData("daemon-max-connections", true, "the module data of web1.example has reached its maximum number of connections (1)")]
    [InlineData("daemon-option-refused", false, "the rsync daemon on web1.example refuses the option --delete: see 'refuse options'")]
    [InlineData("daemon-no-answer", true, "rsync ended with code 35 (timeout waiting for daemon connection) and printed nothing else")]
    [InlineData("daemon-host-unknown", true, "the name nosuch.invalid has no address (Temporary failure in name resolution)")]
    [InlineData("daemon-name-not-there", false, "the name nosuch.example has no address (Name or service not known)")]
    [InlineData("daemon-port-closed", true, "web1.example (127.0.0.1) cannot be reached (Connection refused)")]
    [InlineData("daemon-broken", true, "the connection was lost in the middle of the transfer")]
    [InlineData(
        "ssh-key-open",
        false,
        "ssh does not use the key file /home/root/.ssh/open, because others may read it (mode 0644): chmod 600 /home/root/.ssh/open"
    )]
    [InlineData("ssh-key-missing", false, "the key file /home/root/.ssh/nosuch cannot be read (No such file or directory)")]
    [InlineData("ssh-key-garbage", false, "the key file /home/root/.ssh/garbage cannot be used (error in libcrypto)")]
    [InlineData("ssh-key-stranger", false, "root@web1.example was denied access")]
    [InlineData("ssh-host-unknown", false, "ssh does not know the host key of 127.0.0.1: compare its fingerprint there")]
    [InlineData("ssh-port-closed", true, "web1.example cannot be reached on port 23 (Connection refused)")]
    [InlineData("ssh-no-answer", true, "far.example cannot be reached on port 22 (Connection timed out)")]
    [InlineData("ssh-cut", true, "the connection was lost")]
    [InlineData("ssh-shell-prints", false, "the shell on web1.example prints text where only rsync's output may appear: silence it")]
    [InlineData("ssh-forced-read-secluded", false, "(rrsync) refuses the option -s: allow it there")]
    [InlineData("ssh-forced-read-mirror", false, "(rrsync) refuses the transfer: sending to read-only server")]
    [InlineData(
        "ssh-forced-wrapper-mirror",
        false,
        "the other side ended before the transfer began; it said: \"rsync option --delete is not allowed here\""
    )]
    [InlineData("ssh-rsync-missing", false, "/usr/local/bin/no-rsync was not found on web1.example: install it there")]
    [InlineData("ssh-source-missing", false, "nothing was transferred, because the source /srv/nosuch on web1.example cannot be read (No such file or directory)")]
    [InlineData("ssh-source-permission", false, "nothing was transferred, because the source /srv/src/private on web1.example cannot be read (Permission denied)")]
    [InlineData("ssh-parent-missing", false, "nothing was transferred, because the folder that should hold the destination /srv/no/such/folder on web1.example does not exist: make it")]
    [InlineData("ssh-file-permission", false, "some entries could not be transferred (see the details); the rest was")]
    [InlineData("disk-full-ssh", false, "the destination on web1.example is full (/mnt/full/folder/large): make room there")]
    [InlineData(
        "disk-read-only-ssh",
        false,
        "the destination on web1.example is on a file system that is mounted read-only (/mnt/fixed/d/.)"
    )]
    [InlineData("signal", true, "rsync ended with code 20 (received SIGUSR1 or SIGINT) and printed nothing else")]
    [InlineData("option-unknown", false, "rsync does not know the option --no-such-option")]
    public void Message_InEveryRelease_SaysWhatHappenedAndWhatToDo(string name, bool retryable, string says)
    {
        foreach (var release in Recording.Releases())
        {
            var reason = Explain(new Recording(release.Data, name))!;

            Assert.Contains(says, reason.Message, StringComparison.Ordinal);
            Assert.True(retryable == reason.Retryable, $"{release.Data}: {reason}");
        }
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void HostKeyChanged_WarnsAndNamesFingerprintFileAndLine(string release)
    {
        var there = Explain(new Recording(release, "ssh-host-changed"))!.Message;
        var elsewhere = Explain(new Recording(release, "ssh-host-changed-port"))!.Message;

        Assert.Contains(
            "the host key of other.example has changed, so nothing was sent: this may be an attack",
            there,
            StringComparison.Ordinal);
        Assert.Matches("check whether its ED25519 key is SHA256:[A-Za-z0-9+/]{43} ", there);
        Assert.Contains(
            "(line 2 of /home/root/.ssh/known_hosts): ssh-keygen -f \"/home/root/.ssh/known_hosts\" -R \"other.example\"",
            there,
            StringComparison.Ordinal);
        Assert.Contains("-R \"[web1.example]:2222\"", elsewhere, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, false, "rsync ended with code 1 (syntax or usage error); its last output: \"two\" / \"three\"")]
    [InlineData(12, true, "rsync ended with code 12 (error in rsync protocol data stream); its last output: \"two\" / \"three\"")]
    [InlineData(99, false, "rsync ended with code 99 (not in its manual); its last output: \"two\" / \"three\"")]
    public void UnknownLines_AreShownAndNotExplained(int exitCode, bool retryable, string says)
    {
        var stderr = new RsyncStderr(remote: null);
        stderr.Add("one"u8);
        stderr.Add("two\r\n"u8);
        stderr.Add("three"u8);
        stderr.Add("rsync error: something (code 1) at main.c(1) [Receiver=4.0.0]"u8);

        Assert.Equal(new FailureReason(FailureKind.Unknown, says, Retryable: retryable), stderr.Explain(exitCode, statistics: null));
    }

    [Fact]
    public void FileNames_CannotPassForAReason()
    {
        var stderr = new RsyncStderr(remote: null);
        stderr.Add("rsync: [sender] send_files failed to open \"/x: No space left on device (28)\": Permission denied (13)"u8);
        stderr.Add("rsync: [sender] send_files failed to open \"/a@b: Permission denied (publickey).\": Permission denied (13)"u8);

        Assert.Equal(FailureKind.SomeEntries, stderr.Explain(23, new RsyncStatistics { Files = 3 }).Kind);
    }

    [Fact]
    public void FullDisk_AfterAHundredOtherErrors_IsTheReason()
    {
        var stderr = new RsyncStderr(remote: null);
        for (var i = 0; i < 150; i++)
        {
            stderr.Add("rsync: [sender] send_files failed to open \"/x\": Permission denied (13)"u8);
        }

        stderr.Add("rsync: [receiver] write failed on \"/d/y\": No space left on device (28)"u8);

        Assert.Equal((FailureKind.DiskFull, false), (stderr.Explain(11, null).Kind, stderr.Explain(11, null).Retryable));
    }

    private static FailureReason? Explain(Recording recording)
    {
        var ssh = new SshRemote { Host = "web1.example" };
        var isDaemon = recording.Command.Contains("::", StringComparison.Ordinal);
        var words = recording.Command.Split(' ');
        var remote = !recording.Command.Contains("web1.example:", StringComparison.Ordinal)
            ? null
            : new RemoteEnd(
                words[^2].Contains(':', StringComparison.Ordinal),
                "web1.example",
                isDaemon ? "data" : "",
                isDaemon ? "/etc/fleet/password" : "",
                isDaemon ? null : ssh);
        var output = recording.Play(new RsyncOutput(new RecordingLog(), TimeProvider.System, dryRun: false, remote));
        return words.Contains("rsync")
            ? output.Stderr.Explain(recording.Exit, output.Stats.Statistics)
            : SshStderr.Parse(output.Details, ssh);
    }
}
