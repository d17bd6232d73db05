using System.Text.Json;

namespace Fleet.Agent.History;

/// <summary>Every attempt of a run, with all that is known of it.</summary>
internal sealed class AttemptText(TextWriter output, TimeZoneInfo zone)
{
    public void Write(string asked, JsonElement attempts)
    {
        if (attempts.GetArrayLength() == 0)
        {
            output.WriteLine($"This host knows no run {asked}: it may still be running or waiting, be older than the history, or belong "
                + $"to another host.");
            return;
        }

        foreach (var attempt in attempts.EnumerateArray())
        {
            WriteOne(attempt);
        }
    }

    private void WriteOne(JsonElement attempt)
    {
        output.WriteLine(
            $"Run {AnswerText.Text(attempt, "run")}, attempt {AnswerText.Text(attempt, "attempt")}: {AnswerText.Text(attempt, "state")}");
        Line("message", AnswerText.Text(attempt, "message"));
        Line("policy", AnswerText.Text(attempt,
            "policy") is { Length: > 0 } policy ? $"{policy}, revision {AnswerText.Text(attempt, "revision")}" : "");
        Line("action", AnswerText.Text(attempt, "action"));
        Line("trigger", AnswerText.Text(attempt, "trigger"));
        Line("scheduled", AnswerText.Instant(attempt, "scheduled", zone));
        Line("started", AnswerText.Instant(attempt, "started", zone));
        Line("ended", AnswerText.Instant(attempt, "finished", zone));
        Line("took", AnswerText.Length(attempt, "duration_ms"));
        Line("exit code", AnswerText.Text(attempt, "exit_code"));
        Line("signal", AnswerText.Text(attempt, "signal"));
        Line("refused by",
            AnswerText.Text(attempt, "refused_by") is { Length: > 0 } rule ? $"{rule} ({AnswerText.Text(attempt, "refused_source")})" : "");
        Line("CPU time", AnswerText.Length(attempt, "cpu_ms"));
        Line("memory", AnswerText.Text(attempt, "max_resident_bytes") is { Length: > 0 } bytes ? $"{bytes} bytes" : "");
        if (attempt.TryGetProperty("facts", out var facts))
        {
            output.WriteLine("  facts");
            foreach (var fact in facts.EnumerateObject())
            {
                output.WriteLine($"    {fact.Name.Replace('_', ' ')}: {AnswerText.Text(fact.Value)}");
            }
        }

        List("phases", attempt, "phases",
            p => $"{AnswerText.Instant(p, "at", zone)}  {AnswerText.Length(p, "ms"),-10}  {AnswerText.Text(p, "name")}");
        List("details", attempt, "details", AnswerText.Text);
        List("output, its end", attempt, "tail", l => $"{AnswerText.Text(l, "from"),-6} {AnswerText.Text(l, "text")}");
    }

    private void Line(string name, string value)
    {
        if (value.Length > 0)
        {
            output.WriteLine($"  {name,-10}  {value}");
        }
    }

    private void List(string title, JsonElement attempt, string name, Func<JsonElement, string> line)
    {
        if (attempt.TryGetProperty(name, out var items) && items.GetArrayLength() > 0)
        {
            output.WriteLine($"  {title}");
            foreach (var item in items.EnumerateArray())
            {
                output.WriteLine($"    {line(item)}");
            }
        }
    }
}
