using System.Text.Json;

namespace Fleet.Agent.History;

/// <summary>Attempts as a table, one line each.</summary>
internal sealed class RunsText(TextWriter output, TimeZoneInfo zone)
{
    /// <summary>Of a run's id: enough to tell it from the others, and to ask for it.</summary>
    private const int IdDigits = 12;

    private static readonly string[] Heads = ["ENDED", "STATE", "ACTION", "POLICY", "TOOK", "RUN", "MESSAGE"];

    public void Write(JsonElement runs)
    {
        if (runs.GetArrayLength() == 0)
        {
            output.WriteLine("No run matches.");
            return;
        }

        List<string[]> lines = [Heads, .. runs.EnumerateArray().Select(Line)];
        var widths = Enumerable.Range(0, Heads.Length).Select(i => lines.Max(l => l[i].Length)).ToList();
        foreach (var line in lines)
        {
            output.WriteLine(string.Join("  ", line.Select((cell, i) => i == line.Length - 1 ? cell : cell.PadRight(widths[i]))).TrimEnd());
        }
    }

    private string[] Line(JsonElement run)
    {
        var id = AnswerText.Text(run, "run");
        var attempt = AnswerText.Text(run, "attempt");
        return
        [
            AnswerText.Instant(run, "finished", zone),
            AnswerText.Text(run, "state"),
            AnswerText.Text(run, "action"),
            AnswerText.Text(run, "policy") is { Length: > 0 } policy ? policy : "-",
            AnswerText.Length(run, "duration_ms"),
            (id.Length > IdDigits ? id[..IdDigits] : id) + (attempt == "1" ? "" : $" #{attempt}"),
            AnswerText.Text(run, "message"),
        ];
    }
}
