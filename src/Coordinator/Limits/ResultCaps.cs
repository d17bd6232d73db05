using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Limits;

/// <summary>Bounds the size of an attempt's result, and reduces one that is too large.</summary>
internal static class ResultCaps
{
    /// <summary>Most bytes of one stored result.</summary>
    public const int MaxBytes = 2 * 1024 * 1024;

    private const int MaxTailBytes = 64 * 1024;
    private const int MaxTailLines = 100;
    private const int MaxLineChars = 8 * 1024;
    private const int MaxDetails = 100;
    private const int CoreChars = 500;

    /// <summary>Brings an entry within its bounds, in place: each text, each list, and a result as a whole.</summary>
    public static void Apply(OutboxEntry entry)
    {
        if (entry.KindCase != OutboxEntry.KindOneofCase.RunFinished || entry.RunFinished.Result is not { } result)
        {
            MessageCaps.Entry.Apply(entry);
            return;
        }

        // Lines of output may be longer than other texts.
        var tail = TailOf(result);
        result.LogTail.Clear();
        while (result.Details.Count > MaxDetails)
        {
            result.Details.RemoveAt(result.Details.Count - 1);
        }

        MessageCaps.Entry.Apply(entry);
        result.LogTail.AddRange(tail);
        if (result.CalculateSize() > MaxBytes)
        {
            entry.RunFinished.Result = Core(result);
        }
    }

    /// <summary>The outcome, without details, output and lists.</summary>
    public static ActionResult Core(ActionResult result)
    {
        var core = new ActionResult
        {
            Outcome = result.Outcome,
            Message = WireText.Cut(result.Message, CoreChars),
            Retryable = result.Retryable,
            StartedAt = result.StartedAt,
            FinishedAt = result.FinishedAt,
            Duration = result.Duration,
            DetailsTotal = Math.Max(result.DetailsTotal, result.Details.Count),
            RefusedBy = WireText.Cut(result.RefusedBy, CoreChars),
            RefusalSource = result.RefusalSource,
            Rsync = result.Rsync,
            MaxResidentBytes = result.MaxResidentBytes,
            CpuTime = result.CpuTime,
            Details = { "Details, output and lists of this result were left out: the host sends more than it may." },
        };
        if (result.HasExitCode)
        {
            core.ExitCode = result.ExitCode;
        }

        if (result.HasSignal)
        {
            core.Signal = result.Signal;
        }

        return core;
    }

    private static List<LogLine> TailOf(ActionResult result)
    {
        var tail = new List<LogLine>();
        var bytes = 0;
        for (var i = result.LogTail.Count - 1; i >= 0 && tail.Count < MaxTailLines && bytes < MaxTailBytes; i--)
        {
            var line = result.LogTail[i];
            line.Text = WireText.Cut(line.Text, MaxLineChars);
            bytes += line.Text.Length;
            tail.Add(line);
        }

        tail.Reverse();
        return tail;
    }
}
