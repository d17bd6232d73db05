using System.Text;
using System.Text.Json;
using Fleet.Agent.History;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Tests.History;

public class HistoryDocumentTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 30, 4, 0, 0, 123, TimeSpan.Zero);

    [Fact]
    public void Of_EverythingSet_IsKeptAndSurvivesTheFile()
    {
        using var folder = new TemporaryFolder();
        var finished = HistoryFixture.Result("a", At, outcome: ActionOutcome.Refused, attempt: 2);
        var result = finished.Result;
        result.ExitCode = -1;
        result.Signal = 9;
        result.RefusedBy = "guard.yaml: rsync";
        result.RefusalSource = RefusalSource.SafetyRule;
        result.Details.Add("a detail");
        result.DetailsTotal = 7;
        result.CpuTime = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(1500));
        result.MaxResidentBytes = 1L << 33;
        result.Rsync = new RsyncStatistics
        {
            Files = 5,
            TransferredBytes = 1L << 40,
            VersionPath = ByteString.CopyFromUtf8("/b/1"),
        };
        result.Phases.Add(
            new RunPhase
            {
                Name = "running",
                StartedAt = Timestamp.FromDateTimeOffset(At),
                Duration = Duration.FromTimeSpan(TimeSpan.FromSeconds(3)),
            });
        result.LogTail.Add(
            new LogLine
            {
                Number = 12,
                At = Timestamp.FromDateTimeOffset(At),
                Stream = LogStream.Stderr,
                Text = "\u001b[31mred",
                Truncated = true,
            });
        var path = folder.File("history-2026-11.db");
        using (var file = HistoryFile.OpenForWriting(path))
        {
            file.Add([HistoryDocument.Of(finished)!]);
        }

        using var read = HistoryFile.OpenForReading(path);
        var json = "";
        read.OfRun(RunIds.Of("a"), d =>
        {
            using var stream = new MemoryStream();
            using (var writer = new Utf8JsonWriter(stream))
            {
                HistoryJson.Write(writer, d);
            }

            json = Encoding.UTF8.GetString(stream.ToArray());
        });
        Assert.Equal(
            $$"""
            {"run":"{{RunIds.Of(
                "a"
            )}}","attempt":2,"policy":"nightly","revision":3,"trigger":"schedule","action":"rsync","finished":"2026-11-30T04:00:00.123Z",
            "state":"refused","message":"message of a","retryable":false,"scheduled":"2026-11-30T03:58:00.123Z","started":"2026-11-30T03:59:00.123Z",
            "duration_ms":60000,"exit_code":-1,"signal":9,"cpu_ms":1500,"max_resident_bytes":8589934592,"refused_by":"guard.yaml: rsync","refused_source":"safety rule",
            "details":["a detail"],"details_total":7,"facts":{"files":5,"files_created":0,"files_deleted":0,"files_transferred":0,"total_bytes":0,
            "transferred_bytes":1099511627776,"sent_bytes":0,"received_bytes":0,"version":"/b/1","versions_removed":[]},
            "phases":[{"name":"running","at":"2026-11-30T04:00:00.123Z","ms":3000}],
            "tail":[{"n":12,"from":"stderr","text":"\u001B[31mred","at":"2026-11-30T04:00:00.123Z","cut":true}]}
            """.ReplaceLineEndings(""),
            json);
    }

    [Fact]
    public void Of_TimesThatAreNone_AreLeftOut()
    {
        var finished = HistoryFixture.Result("a", At);
        finished.ScheduledAt = new Timestamp { Seconds = long.MaxValue };
        finished.Result.StartedAt = new Timestamp { Nanos = -5 };
        finished.Result.FinishedAt = null;
        finished.Result.Duration = new Duration { Seconds = long.MinValue, Nanos = int.MinValue };
        var document = HistoryDocument.Of(finished)!;
        Assert.False(document.ContainsKey("scheduled") || document.ContainsKey("started"));
        Assert.Equal((DateTime.UnixEpoch, 0L), (HistoryDocument.FinishedAt(document), document["duration_ms"].AsInt64));
        Assert.Null(HistoryDocument.Of(new RunFinished { RunId = "x", Result = new ActionResult() }));
        Assert.Null(HistoryDocument.Of(new RunFinished { RunId = RunIds.Of("a"), Attempt = 1 }));
    }

    [Fact]
    public void Facts_OfEveryKindOfResult_AreNamed()
    {
        // A kind that is added to the contract needs its facts: rsync's plan stands beside its statistics.
        foreach (var field in ActionResult
                .Descriptor.Fields.InDeclarationOrder()
                .Where(f => f.FieldType == Google.Protobuf.Reflection.FieldType.Message && !f.IsRepeated))
        {
            if (field.MessageType.File.Name.StartsWith("google/", StringComparison.Ordinal))
            {
                continue;
            }

            var result = new ActionResult();
            field.Accessor.SetValue(result, field.MessageType.Parser.ParseFrom(ByteString.Empty));
            Assert.True(ResultFacts.Of(result).Count > 0, field.Name);
        }
    }

    [Fact]
    public void Facts_LongLists_AreCutAndCountsAreNot()
    {
        var result = new ActionResult { ZfsPrune = new ZfsPruneResult { DestroyedTotal = 5000 } };
        result.ZfsPrune.Destroyed.AddRange(Enumerable.Range(0, 1000).Select(i => new ZfsSnapshotInfo { Name = $"tank@{i}" }));
        var facts = ResultFacts.Of(result);
        Assert.Equal((100, 5000L), (facts["gone"].AsArray.Count, facts["destroyed"].AsInt64));
    }
}
