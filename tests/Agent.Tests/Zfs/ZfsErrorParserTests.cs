using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Tools;
using Fleet.Agent.Zfs;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Zfs;

/// <summary>What real releases say when something does not work.</summary>
public sealed class ZfsErrorParserTests
{
    private const string First = "fleet_nightly_20261120T205500Z";

    public static TheoryData<string> Releases => Recording.Releases();

    /// <summary>Every recording with an exit code other than 0, and what it means.</summary>
    private static readonly Dictionary<string, ZfsErrorKind> Kinds = new()
    {
        ["no-modules"] = ZfsErrorKind.NotLoaded,
        ["pools-unknown"] = ZfsErrorKind.DoesNotExist,
        ["pools-bad-property"] = ZfsErrorKind.InvalidRequest,
        ["status-unknown"] = ZfsErrorKind.DoesNotExist,
        ["datasets-bad-property"] = ZfsErrorKind.InvalidRequest,
        ["datasets-without-changed"] = ZfsErrorKind.InvalidRequest,
        ["datasets-unknown"] = ZfsErrorKind.DoesNotExist,
        ["snapshot-exists"] = ZfsErrorKind.Exists,
        ["snapshot-exists-in-child"] = ZfsErrorKind.Exists,
        ["snapshot-no-dataset"] = ZfsErrorKind.DoesNotExist,
        ["snapshot-no-pool"] = ZfsErrorKind.DoesNotExist,
        ["snapshot-two-pools"] = ZfsErrorKind.InvalidRequest,
        ["snapshot-too-long"] = ZfsErrorKind.NameTooLong,
        ["snapshot-bad-name"] = ZfsErrorKind.InvalidRequest,
        ["snapshot-permission"] = ZfsErrorKind.PermissionDenied,
        ["snapshot-no-space"] = ZfsErrorKind.OutOfSpace,
        ["snapshots-unknown"] = ZfsErrorKind.DoesNotExist,
        ["targets-unknown"] = ZfsErrorKind.DoesNotExist,
        ["snapshots-named-unknown"] = ZfsErrorKind.DoesNotExist,
        ["run-again"] = ZfsErrorKind.Exists,
        ["clash-snapshot"] = ZfsErrorKind.Exists,
        ["snapshots-of-three"] = ZfsErrorKind.DoesNotExist,
        ["identity-unknown"] = ZfsErrorKind.DoesNotExist,
        ["holds-unknown"] = ZfsErrorKind.DoesNotExist,
        ["hold-exists"] = ZfsErrorKind.HoldMismatch,
        ["release-unknown"] = ZfsErrorKind.HoldMismatch,
        ["destroy-plan-none"] = ZfsErrorKind.NothingToDestroy,
        ["destroy-none"] = ZfsErrorKind.NothingToDestroy,
        ["destroy-held"] = ZfsErrorKind.Busy,
        ["destroy-list-held"] = ZfsErrorKind.Busy,
        ["destroy-clones"] = ZfsErrorKind.HasClones,
        ["destroy-no-dataset"] = ZfsErrorKind.DoesNotExist,
        ["destroy-permission"] = ZfsErrorKind.PermissionDenied,
        ["send-plan-unknown"] = ZfsErrorKind.DoesNotExist,
        ["send-dead-token"] = ZfsErrorKind.TokenDead,
        ["send-bad-token"] = ZfsErrorKind.TokenDead,
        ["receive-broken"] = ZfsErrorKind.BrokenStream,
        ["receive-no-stream"] = ZfsErrorKind.BrokenStream,
        ["receive-has-token"] = ZfsErrorKind.TargetHasToken,
        ["receive-exists"] = ZfsErrorKind.Exists,
        ["receive-not-matching"] = ZfsErrorKind.TargetDiverged,
        ["receive-no-parent"] = ZfsErrorKind.DoesNotExist,
        ["receive-no-target"] = ZfsErrorKind.DoesNotExist,
        ["receive-modified"] = ZfsErrorKind.TargetModified,
        ["receive-diverged"] = ZfsErrorKind.TargetModified,
        ["receive-permission"] = ZfsErrorKind.PermissionDenied,
        ["receive-no-space"] = ZfsErrorKind.OutOfSpace,
        ["receive-abort-none"] = ZfsErrorKind.NoToken,
        ["rollback-newer"] = ZfsErrorKind.NewerExist,
        ["rollback-unknown"] = ZfsErrorKind.DoesNotExist,
        ["scrub-stop-none"] = ZfsErrorKind.NoScan,
        ["scrub-unknown"] = ZfsErrorKind.DoesNotExist,
        ["scrub-permission"] = ZfsErrorKind.PermissionDenied,
        ["scrub-already"] = ZfsErrorKind.ScanRunning,
        ["scrub-pause-again"] = ZfsErrorKind.ScanRunning,
        ["scrub-while-resilvering"] = ZfsErrorKind.ScanRunning,
        ["exported-status"] = ZfsErrorKind.DoesNotExist,
        ["exported-datasets"] = ZfsErrorKind.DoesNotExist,
        ["exported-snapshot"] = ZfsErrorKind.DoesNotExist,
        ["readonly-snapshot"] = ZfsErrorKind.ReadOnly,
        ["readonly-destroy"] = ZfsErrorKind.NothingToDestroy,
        ["readonly-scrub"] = ZfsErrorKind.ReadOnly,
        ["destroy-plan-clones"] = ZfsErrorKind.HasClones,
        ["readonly-receive"] = ZfsErrorKind.ReadOnly,
        ["suspended-datasets"] = ZfsErrorKind.PoolSuspended,
        ["suspended-snapshots"] = ZfsErrorKind.PoolSuspended,
        ["suspended-scrub"] = ZfsErrorKind.PoolSuspended,
        ["suspended-snapshot"] = ZfsErrorKind.PoolSuspended,
        ["suspended-destroy"] = ZfsErrorKind.PoolSuspended,
        // "invalid option 'p'", and a warning that is one of many: their text must do.
        ["holds-parsable"] = ZfsErrorKind.Unknown,
        ["send-plan-wrong-order"] = ZfsErrorKind.Unknown,
    };

    [Theory]
    [MemberData(nameof(Releases))]
    public void Parse_EveryFailureThatWasRecorded_HasItsKind(string release) => Recording.AssertKinds(release, Kinds, recording =>
    {
        var error = ZfsErrorParser.Parse(recording.Play(new Stderr()).Lines.Lines);
        return (error.Kind, error.Message);
    });

    [Theory]
    [MemberData(nameof(Releases))]
    public void Parse_Names_AreThoseOfTheMessage(string release)
    {
        Assert.Equal([$"tank/data@{First}"], Parse(release, "destroy-held").Names);
        Assert.Equal(["tank/nosuch"], Parse(release, "snapshots-of-three").Names);
        Assert.Contains($"tank/data/with space@{First}", Parse(release, "snapshot-exists").Names);
        Assert.Equal([$"tank/data/limited@{First}"], Parse(release, "snapshot-exists-in-child").Names);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Parse_Message_IsWhatTheToolSaidFirst(string release)
    {
        Assert.StartsWith($"cannot create snapshot 'tank/data", Parse(release, "snapshot-exists").Message, StringComparison.Ordinal);
        Assert.StartsWith("cannot rollback to 'tank/empty@1': ", Parse(release, "rollback-newer").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_UnknownLine_KeepsTheWholeText()
    {
        var error = ZfsErrorParser.Parse(["cannot open 'tank/a': dataset does not exist", "the moon is full"]);

        Assert.Equal((ZfsErrorKind.Unknown, "cannot open 'tank/a': dataset does not exist; the moon is full"), (error.Kind, error.Message));
        Assert.False(error.Retryable);
    }

    [Fact]
    public void Parse_ReasonsThatDiffer_AreNotOneKind() =>
        Assert.Equal(
            ZfsErrorKind.Unknown,
            ZfsErrorParser.Parse(["cannot open 'tank/a': dataset does not exist", "cannot open 'tank/b': permission denied"]).Kind);

    [Fact]
    public void Parse_NameThatReadsLikeAReason_IsOnlyAName()
    {
        var error = ZfsErrorParser.Parse(["cannot open 'tank/x: dataset does not exist': permission denied"]);

        Assert.Equal(ZfsErrorKind.PermissionDenied, error.Kind);
        Assert.Equal(["tank/x: dataset does not exist"], error.Names);
    }

    [Fact]
    public void Parse_Nothing_IsUnknown() => Assert.Equal(ZfsErrorKind.Unknown, ZfsErrorParser.Parse([]).Kind);

    [Theory]
    [InlineData(ZfsErrorKind.Busy, true)]
    [InlineData(ZfsErrorKind.PoolSuspended, true)]
    [InlineData(ZfsErrorKind.NoAnswer, true)]
    [InlineData(ZfsErrorKind.OutOfSpace, false)]
    [InlineData(ZfsErrorKind.Unknown, false)]
    [InlineData(ZfsErrorKind.DoesNotExist, false)]
    internal void Retryable_Kind_IsWhatPassesByItself(ZfsErrorKind kind, bool retryable) =>
        Assert.Equal(retryable, new ZfsError(kind, "", []).Retryable);

    private static ZfsError Parse(string release, string name) =>
        ZfsErrorParser.Parse(new Recording(release, name).Play(new Stderr()).Lines.Lines);

    private sealed class Stderr : IToolOutput
    {
        public StderrLines Lines { get; } = new();

        public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
        {
            if (stream == LogStream.Stderr)
            {
                Lines.Add(line);
            }
        }
    }
}
