using Fleet.Coordinator.Errors;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Google.Protobuf.Collections;
using Grpc.Core;

namespace Fleet.Coordinator.Edge;

/// <summary>
/// Cleans what an agent sends before anything else sees it, so that times, numbers, names and texts can be stored and shown to everybody.
/// Unusable parts are left out. An outbox entry without any usable part is replaced by a notice, so that it is acknowledged and the entries
/// behind it arrive. Pure.
/// </summary>
internal static class AgentEdge
{
    /// <summary>Code of the notice that replaces an entry, and so of the event agent.message_refused.</summary>
    public const string RefusedCode = "message_refused";

    private const long MaxSequence = 1L << 53;
    private const int MaxName = 256;
    private const int MaxText = 2_000;
    private const int MaxTools = 200;
    private const int MaxActions = 100;
    private const int MaxRunning = 10_000;
    private const int MaxLabels = 64;
    private const int MaxDetails = 100;
    private const int MaxLineNumber = int.MaxValue;

    /// <exception cref="RpcException">
    /// The message is not distinguishable from another one, or no session can begin with it; this ends the call.
    /// </exception>
    public static void Clean(AgentMessage message)
    {
        switch (message.KindCase)
        {
            case AgentMessage.KindOneofCase.Hello:
                CleanHello(message.Hello);
                break;
            case AgentMessage.KindOneofCase.Outbox:
                CleanEntry(message.Outbox);
                break;
            case AgentMessage.KindOneofCase.Heartbeat:
                MessageEdge.Repair(message.Heartbeat);
                message.Heartbeat.StateError = WireText.Cut(message.Heartbeat.StateError, MaxText);
                break;
            case AgentMessage.KindOneofCase.Progress:
                CleanProgress(message.Progress);
                break;
            case AgentMessage.KindOneofCase.Log:
                CleanLog(message.Log);
                break;
            default:
                MessageEdge.Repair(message);
                break;
        }
    }

    /// <summary>Also used for an enrolment.</summary>
    public static void CleanFacts(HostFacts facts)
    {
        MessageEdge.Repair(facts);
        facts.OperatingSystem = WireText.Cut(facts.OperatingSystem, MaxName);
        facts.Kernel = WireText.Cut(facts.Kernel, MaxName);
        facts.Architecture = WireText.Cut(facts.Architecture, MaxName);
        facts.MachineIdHash = WireText.Cut(facts.MachineIdHash, MaxName);
        facts.Virtualization = WireText.Cut(facts.Virtualization, MaxName);
        facts.Cpus = Math.Max(facts.Cpus, 0);
        facts.MemoryBytes = Math.Max(facts.MemoryBytes, 0);
    }

    private static void CleanHello(Hello hello)
    {
        if (hello.SentAt is not null && !WireTime.TryRead(hello.SentAt, out _))
        {
            throw FleetError.Create(
                StatusCode.FailedPrecondition,
                Reason.ClockSkew,
                "hello.sent_at: the clock of this host is outside of 1970 to 2200",
                "set it (timedatectl set-ntp true)");
        }

        MessageEdge.Repair(hello);
        hello.AgentVersion = WireText.Cut(hello.AgentVersion, MaxName);
        hello.HostName = WireText.Cut(hello.HostName, MaxName);
        hello.BootId = WireText.Cut(hello.BootId, MaxName);
        hello.InstanceId = WireText.Cut(hello.InstanceId, MaxName);
        hello.PreviousSessionId = WireText.Cut(hello.PreviousSessionId, MaxName);
        hello.OutboxId = WireText.Cut(hello.OutboxId, MaxName);
        hello.OutboxLastSequence = Math.Clamp(hello.OutboxLastSequence, 0, MaxSequence);
        hello.OutboxFirstSequence = Math.Clamp(hello.OutboxFirstSequence, 0, MaxSequence);
        hello.AssignmentRevision = Math.Max(hello.AssignmentRevision, 0);
        if (hello.Facts is not null)
        {
            CleanFacts(hello.Facts);
        }

        CutList(hello.Tools, MaxTools);
        foreach (var tool in hello.Tools)
        {
            (tool.Name, tool.Version, tool.Path) = (WireText.Cut(tool.Name, MaxName),
                WireText.Cut(tool.Version, MaxName),
                WireText.Cut(tool.Path, MaxText));
        }

        CutList(hello.AllowedActions, MaxActions);
        for (var i = 0; i < hello.AllowedActions.Count; i++)
        {
            hello.AllowedActions[i] = WireText.Cut(hello.AllowedActions[i], MaxName);
        }

        var running = hello
            .Running.Where(r => RunId.TryRead(r.RunId) is not null && r.Attempt is >= 1 and <= PolicyLimits.MaxAttempt)
            .Take(MaxRunning)
            .ToList();
        hello.Running.Clear();
        hello.Running.AddRange(running);
        var labels = hello.Labels.Where(l => RequestRules.IsLabel(l.Key, l.Value)).Take(MaxLabels).ToList();
        hello.Labels.Clear();
        foreach (var (key, value) in labels)
        {
            hello.Labels[key] = value;
        }
    }

    private static void CleanEntry(OutboxEntry entry)
    {
        var named = new WireFields("outbox");
        named.Number("sequence", entry.Sequence, 1, MaxSequence);
        named.Token("outbox_id", entry.OutboxId, required: true);
        if (!named.Good)
        {
            throw FleetError.InvalidArgument("outbox", named.Problem, "the outbox of this agent is not one: look at its state directory");
        }

        var left = MessageEdge.Repair(entry);
        var fields = new WireFields();
        switch (entry.KindCase)
        {
            case OutboxEntry.KindOneofCase.RunStarted:
                CheckRun(
                    fields,
                    "run_started.",
                    entry.RunStarted.RunId,
                    entry.RunStarted.Attempt,
                    entry.RunStarted.Policy,
                    entry.RunStarted.PolicyRevision);
                break;
            case OutboxEntry.KindOneofCase.RunFinished:
                CheckRun(
                    fields,
                    "run_finished.",
                    entry.RunFinished.RunId,
                    entry.RunFinished.Attempt,
                    entry.RunFinished.Policy,
                    entry.RunFinished.PolicyRevision);
                if (fields.Good && left.Count > 0)
                {
                    AddDetail(entry.RunFinished.Result ??= new ActionResult(), $"left out by the coordinator: {string.Join("; ", left)}");
                }

                break;
            default:
                break;
        }

        if (!fields.Good)
        {
            entry.Notice = new AgentNotice { Code = RefusedCode, Message = $"what the agent sent could not be used: {fields.Problem}" };
        }
    }

    private static void CheckRun(WireFields fields, string path, string runId, int attempt, string policy, long revision)
    {
        fields.RunId(path + "run_id", runId);
        fields.Number(path + "attempt", attempt, 1, PolicyLimits.MaxAttempt);
        fields.Policy(path + "policy", policy);
        fields.Number(path + "policy_revision", revision, 0, long.MaxValue);
    }

    private static void AddDetail(ActionResult result, string detail)
    {
        result.DetailsTotal = Math.Clamp(result.DetailsTotal, result.Details.Count, MaxSequence) + 1;
        if (result.Details.Count < MaxDetails)
        {
            result.Details.Add(detail);
        }
    }

    private static void CleanProgress(RunProgressUpdate update)
    {
        MessageEdge.Repair(update);
        if (RunId.TryRead(update.RunId) is null)
        {
            update.Progress = null;
        }

        if (update.Progress is { } progress)
        {
            if (progress.HasPercent)
            {
                progress.Percent = Math.Clamp(progress.Percent, 0, 100);
            }

            progress.BytesDone = Math.Max(progress.BytesDone, 0);
            progress.BytesPerSecond = Math.Max(progress.BytesPerSecond, 0);
            progress.FilesDone = Math.Max(progress.FilesDone, 0);
            progress.FilesTotal = Math.Max(progress.FilesTotal, 0);
            progress.Phase = WireText.Cut(progress.Phase, MaxName);
        }
    }

    private static void CleanLog(RunLogLines log)
    {
        MessageEdge.Repair(log);
        if (RunId.TryRead(log.RunId) is null)
        {
            log.Lines.Clear();
        }

        for (var i = log.Lines.Count - 1; i >= 0; i--)
        {
            if (log.Lines[i].Number is < 1 or > MaxLineNumber || log.Lines[i].Attempt is < 0 or > PolicyLimits.MaxAttempt)
            {
                log.Lines.RemoveAt(i);
            }
        }
    }

    private static void CutList<T>(RepeatedField<T> list, int most)
    {
        while (list.Count > most)
        {
            list.RemoveAt(list.Count - 1);
        }
    }
}
