using Fleet.Agent.Lvm;
using Fleet.Agent.Tests.Tools;

namespace Fleet.Agent.Tests.Lvm;

/// <summary>What real releases say when something does not work.</summary>
public sealed class LvmErrorParserTests
{
    /// <summary>Every recording with an exit code other than 0, and what it means.</summary>
    private static readonly Dictionary<string, LvmErrorKind> Kinds = new()
    {
        ["lvs-unknown"] = LvmErrorKind.DoesNotExist,
        ["lvs-unknown-group"] = LvmErrorKind.DoesNotExist,
        ["lvs-permission"] = LvmErrorKind.PermissionDenied,
        // The columns that there are come before the message.
        ["lvs-bad-column"] = LvmErrorKind.Unknown,
        ["snapshot-exists"] = LvmErrorKind.Exists,
        ["snapshot-no-origin"] = LvmErrorKind.DoesNotExist,
        ["snapshot-no-group"] = LvmErrorKind.DoesNotExist,
        ["snapshot-no-space"] = LvmErrorKind.OutOfSpace,
        ["snapshot-bad-name"] = LvmErrorKind.InvalidRequest,
        ["snapshot-too-long"] = LvmErrorKind.InvalidRequest,
        ["snapshot-bad-tag"] = LvmErrorKind.InvalidRequest,
        ["snapshot-permission"] = LvmErrorKind.PermissionDenied,
        ["snapshot-while-merging"] = LvmErrorKind.Merging,
        ["snapshot-past-threshold"] = LvmErrorKind.PoolTooFull,
        ["snapshot-data-full"] = LvmErrorKind.PoolTooFull,
        ["snapshot-metadata-nearly-full"] = LvmErrorKind.PoolTooFull,
        ["snapshot-missing"] = LvmErrorKind.DeviceMissing,
        ["remove-busy"] = LvmErrorKind.Busy,
        ["deactivate-busy"] = LvmErrorKind.Busy,
        ["remove-unknown"] = LvmErrorKind.DoesNotExist,
        ["merge-again"] = LvmErrorKind.Merging,
        ["merge-invalid"] = LvmErrorKind.SnapshotInvalid,
        // "vg/other cannot be merged because --trackchanges was not used.": lvconvert takes it for a mirror.
        ["merge-no-snapshot"] = LvmErrorKind.Unknown,
        // A thin snapshot whose volume was merged has no origin any more.
        ["merge-orphan"] = LvmErrorKind.Unknown,
        // Other tools: their words are shown as they are.
        ["blkid-no-device"] = LvmErrorKind.Unknown,
        ["blkid-nothing"] = LvmErrorKind.Unknown,
        ["blkid-permission"] = LvmErrorKind.Unknown,
        ["mount-xfs-twin"] = LvmErrorKind.Unknown,
        ["umount-nothing"] = LvmErrorKind.Unknown,
    };

    public static TheoryData<string> Releases => Recording.Releases();

    [Theory]
    [MemberData(nameof(Releases))]
    public void Parse_EveryFailureThatWasRecorded_HasItsKind(string release) => Recording.AssertKinds(release, Kinds, recording =>
    {
        var error = LvmErrorParser.Parse(recording.Play(new LvmReportOutput()).Errors.Lines);
        return (error.Kind, error.Message);
    });

    [Theory]
    [MemberData(nameof(Releases))]
    public void Parse_WarningsBeforeTheReason_AreNotTheMessage(string release) =>
        Assert.StartsWith(
            "Cannot create new thin volume, free space in thin pool tight/pool",
            LvmErrorParser.Parse(new Recording(release, "snapshot-data-full").Play(new LvmReportOutput()).Errors.Lines).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Parse_UnknownLine_KeepsTheWholeText()
    {
        var error = LvmErrorParser.Parse(["  Failed to find logical volume \"vg/a\"", "  The moon is full."]);

        Assert.Equal((LvmErrorKind.Unknown, "Failed to find logical volume \"vg/a\"; The moon is full."), (error.Kind, error.Message));
    }

    [Fact]
    public void Parse_OnlyWarnings_IsUnknown() => Assert.Equal(LvmErrorKind.Unknown, LvmErrorParser.Parse(["  WARNING: something"]).Kind);
}
