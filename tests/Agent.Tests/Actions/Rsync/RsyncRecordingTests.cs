using Fleet.Agent.Actions.Rsync;
using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Rsync;

/// <summary>What real rsync releases print, read back: one folder per release.</summary>
public sealed class RsyncRecordingTests
{
    public static TheoryData<string> Releases => Recording.Releases();

    [Fact]
    public void Recordings_AreThere_OfMoreThanOneRelease() => Assert.True(Releases.Count >= 2);

    [Theory]
    [MemberData(nameof(Releases))]
    public void Copy_AllLines_GiveStatisticsAndProgress(string release)
    {
        var (output, log, exit) = Play(release, "copy");

        Assert.Equal(0, exit);
        Assert.True(output.Stats.Complete);
        Assert.Equal(
            new RsyncStatistics
            {
                Files = 15,
                FilesCreated = 15,
                FilesTransferred = 12,
                TotalBytes = 400_006,
                TransferredBytes = 400_004,
                LiteralBytes = 400_004,
            },
            Without(output.Stats.Statistics));
        Assert.True(output.Stats.Statistics.SentBytes > 400_004);
        var last = log.AllProgress[^1];
        Assert.Equal(400_004, last.BytesDone);
        Assert.Equal(15, last.FilesTotal);
        Assert.Equal(15, last.FilesDone);
        Assert.Equal(99, last.Percent);
        Assert.Empty(output.Details);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void HumanReadable_Separators_AreRead(string release)
    {
        var (output, log, _) = Play(release, "human-readable");

        Assert.True(output.Stats.Complete);
        Assert.True(output.Stats.Statistics.TotalBytes is 350_014 or 400_006, output.Stats.Statistics.ToString());
        Assert.True(log.AllProgress[^1].BytesDone > 300_000);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void IncrementalList_WhileListing_ShowsNoPercent(string release)
    {
        var (output, log, _) = Play(release, "incremental-list");

        Assert.Equal(2481, output.Stats.Statistics.Files);
        Assert.All(log.AllProgress, p => Assert.True(p.FilesDone <= p.FilesTotal));
        Assert.False(log.AllProgress[0].HasPercent);
        Assert.Equal(2481, log.AllProgress[^1].FilesTotal);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void MaxDelete_Reached_SaysThatDeletionsStopped(string release)
    {
        var (output, _, exit) = Play(release, "mirror-max-delete");

        Assert.Equal(25, exit);
        Assert.Equal(["Deletions stopped due to --max-delete limit (2 skipped)"], output.Details);
        Assert.Equal(2, output.Stats.Statistics.FilesDeleted);
        var meaning = output.Stderr.Explain(exit, output.Stats.Statistics);
        Assert.Equal((FailureKind.DeletionsStopped, false), (meaning.Kind, meaning.Retryable));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void DryRun_Changes_AreCountedAndListed(string release)
    {
        var (output, _, _) = Play(release, "mirror-dry-run", dryRun: true);

        // Whether the folder's own time changed too depended on the second of the recording.
        Assert.Equal(["8 f1", "0 x5"], output.Changes.Where(c => !c.EndsWith("./", StringComparison.Ordinal)).Select(c => c[11..].Trim()));
        Assert.Equal(output.Changes.Count - 1, output.WouldWrite);
        Assert.Equal(1, output.Deletions.Count);
        Assert.True(output.Stats.Complete);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Partial_NameWithLineFeed_IsOneDetail(string release)
    {
        var (output, _, exit) = Play(release, "partial");

        Assert.Equal(23, exit);
        Assert.Contains(@"could not make way for new regular file: new\#012line", output.Details);
        Assert.DoesNotContain(output.Details, d => d.Contains("(code 23)", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void RefusedPort_Message_IsWorthARetry(string release)
    {
        var (output, _, exit) = Play(release, "refused-port");

        var meaning = output.Stderr.Explain(exit, output.Stats.Statistics);
        Assert.Equal((FailureKind.NotReachable, true), (meaning.Kind, meaning.Retryable));
        Assert.Contains("Connection refused", Assert.Single(output.Details));
    }

    private static RsyncStatistics Without(RsyncStatistics statistics)
    {
        var copy = statistics.Clone();
        (copy.SentBytes, copy.ReceivedBytes) = (0, 0);
        return copy;
    }

    private static (RsyncOutput Output, RecordingLog Log, int Exit) Play(string release, string name, bool dryRun = false)
    {
        var log = new RecordingLog();
        var output = new RsyncOutput(log, TimeProvider.System, dryRun);
        var recording = new Recording(release, name);
        recording.Play(output);
        output.Flush();
        return (output, log, recording.Exit);
    }
}
