using System.Globalization;
using Fleet.Agent.Journal;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using LiteDB;

namespace Fleet.Agent.History;

/// <summary>
/// An attempt as the history keeps it. Absent keys were not known. Instants are UTC in whole milliseconds, lengths of time are
/// milliseconds.
/// <code>
/// _id         "RUN/ATTEMPT"            run, attempt, policy, revision, trigger, action
/// scheduled, started, finished, duration_ms      state, exit_code, signal, message, retryable
/// refused_by, refused_source           details, details_total, max_resident_bytes, cpu_ms
/// facts       {name: number or text}   what the action counted, see ResultFacts
/// phases      [{name, at, ms}]         tail [{n, at, from, text, cut}]
/// policy_at   "POLICY/yyyyMMddHHmmssfff", for the index
/// </code>
/// </summary>
internal static class HistoryDocument
{
    public const string Id = "_id";
    public const string Run = "run";
    public const string Policy = "policy";
    public const string Action = "action";
    public const string State = "state";
    public const string Finished = "finished";
    public const string PolicyAt = "policy_at";

    /// <summary>For the index: of one policy, in the order of time.</summary>
    private const string OrderedTime = "yyyyMMddHHmmssfff";

    public static string IdOf(RunKey key) => string.Create(CultureInfo.InvariantCulture, $"{key.RunId.Text}/{key.Attempt}");

    /// <summary>UTC. Of a document that says none: 1970.</summary>
    public static DateTime FinishedAt(BsonDocument attempt) =>
        attempt[Finished] is { IsDateTime: true } at ? at.AsDateTime.ToUniversalTime() : DateTime.UnixEpoch;

    /// <summary>Of the index by policy and time.</summary>
    public static BsonValue PolicyKey(string policy, DateTime at) =>
        new($"{policy}/{at.ToString(OrderedTime, CultureInfo.InvariantCulture)}");

    /// <summary>Null for an attempt that the journal would not have written; it has no id or no result.</summary>
    public static BsonDocument? Of(RunFinished finished)
    {
        if (RunKey.TryRead(finished.RunId, finished.Attempt) is not { } key || finished.Result is not { } result)
        {
            return null;
        }

        var ended = Instant(result.FinishedAt) ?? Instant(result.StartedAt) ?? DateTime.UnixEpoch;
        var document = new BsonDocument
        {
            [Id] = IdOf(key),
            [Run] = key.RunId.Text,
            ["attempt"] = key.Attempt,
            [Policy] = finished.Policy,
            ["revision"] = finished.PolicyRevision,
            ["trigger"] = TriggerName(finished.Trigger),
            [Action] = finished.Action,
            [Finished] = ended,
            [PolicyAt] = PolicyKey(finished.Policy, ended),
            [State] = StateName(result.Outcome),
            ["message"] = result.Message,
            ["retryable"] = result.Retryable,
        };
        Put(document, "scheduled", Instant(finished.ScheduledAt));
        Put(document, "started", Instant(result.StartedAt));
        Put(document, "duration_ms", Milliseconds(result.Duration));
        Put(document, "exit_code", result.HasExitCode ? result.ExitCode : null);
        Put(document, "signal", result.HasSignal ? result.Signal : null);
        Put(document, "cpu_ms", Milliseconds(result.CpuTime));
        Put(document, "max_resident_bytes", result.MaxResidentBytes > 0 ? result.MaxResidentBytes : null);
        if (result.RefusedBy.Length > 0)
        {
            document["refused_by"] = result.RefusedBy;
            document["refused_source"] = result.RefusalSource == RefusalSource.SafetyRule ? "safety rule" : "guard";
        }

        if (result.Details.Count > 0)
        {
            document["details"] = new BsonArray(result.Details.Select(d => new BsonValue(d)));
            document["details_total"] = Math.Max(result.DetailsTotal, result.Details.Count);
        }

        if (ResultFacts.Of(result) is { Count: > 0 } facts)
        {
            document["facts"] = facts;
        }

        document["phases"] = new BsonArray(result.Phases.Select(Phase));
        document["tail"] = new BsonArray(result.LogTail.Select(Line));
        return document;
    }

    /// <summary>The states by which runs can be asked for.</summary>
    public static IReadOnlyList<string> States { get; } =
        ["succeeded", "warnings", "failed", "timed-out", "cancelled", "refused", "interrupted", "skipped"];

    private static string StateName(ActionOutcome outcome) => outcome switch
    {
        ActionOutcome.Succeeded => "succeeded",
        ActionOutcome.SucceededWithWarnings => "warnings",
        ActionOutcome.Failed => "failed",
        ActionOutcome.TimedOut => "timed-out",
        ActionOutcome.Cancelled => "cancelled",
        ActionOutcome.Refused => "refused",
        ActionOutcome.Interrupted => "interrupted",
        ActionOutcome.Skipped => "skipped",
        _ => "unknown",
    };

    private static string TriggerName(RunTrigger trigger) => trigger switch
    {
        RunTrigger.Schedule => "schedule",
        RunTrigger.AgentSchedule => "agent-schedule",
        RunTrigger.Manual => "manual",
        _ => "unknown",
    };

    private static BsonValue Phase(RunPhase phase)
    {
        var document = new BsonDocument { ["name"] = phase.Name };
        Put(document, "at", Instant(phase.StartedAt));
        Put(document, "ms", Milliseconds(phase.Duration));
        return document;
    }

    private static BsonValue Line(LogLine line)
    {
        var from = line.Stream switch { LogStream.Stdout => "stdout", LogStream.Stderr => "stderr", _ => "agent" };
        var document = new BsonDocument { ["n"] = line.Number, ["from"] = from, ["text"] = line.Text };
        Put(document, "at", Instant(line.At));
        if (line.Truncated)
        {
            document["cut"] = true;
        }

        return document;
    }

    /// <summary>Null if there is none, or if it is no instant that exists.</summary>
    private static DateTime? Instant(Timestamp? timestamp)
    {
        if (timestamp is not { Nanos: >= 0 and < 1_000_000_000, Seconds: >= -62_135_596_800 and <= 253_402_300_799 })
        {
            return null;
        }

        var at = timestamp.ToDateTime();
        return at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMillisecond));
    }

    private static long? Milliseconds(Duration? duration) =>
        duration is null ? null : (Math.Clamp(duration.Seconds, 0, int.MaxValue) * 1000) + (Math.Max(duration.Nanos, 0) / 1_000_000);

    private static void Put(BsonDocument document, string key, DateTime? value)
    {
        if (value is { } instant)
        {
            document[key] = instant;
        }
    }

    private static void Put(BsonDocument document, string key, long? value)
    {
        if (value is { } number)
        {
            document[key] = number;
        }
    }
}
