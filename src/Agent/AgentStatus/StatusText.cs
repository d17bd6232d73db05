using System.Globalization;
using System.Text.Json;
using Fleet.Agent.History;

namespace Fleet.Agent.AgentStatus;

/// <summary>A status as lines.</summary>
internal sealed class StatusText(TextWriter output, TimeZoneInfo zone)
{
    public void Write(JsonElement status)
    {
        var host = AnswerText.Text(status, "host");
        Line("host", host.Length > 0 ? $"{host} ({AnswerText.Text(status, "host_id")})" : "not enrolled");
        Line("agent", $"{AnswerText.Text(status, "version")}, state in {AnswerText.Text(status, "state_directory")}");
        var connection = status.GetProperty("connection");
        Line("connection", AnswerText.Text(connection, "says") is { Length: > 0 } says ? says : "none yet");
        Line("coordinator", AnswerText.Text(connection, "coordinators"));
        Line("cannot run", AnswerText.Text(status, "state_error"));
        if (status.TryGetProperty("active", out var active))
        {
            Line("runs now", active.GetArrayLength() == 0 ? "none" : string.Join(
                ", ", active.EnumerateArray().Select(a => AnswerText.Text(a, "run"))));
        }

        Line("outbox", Size(status, "outbox_bytes"));
        var history = status.GetProperty("history");
        Line("history", $"{AnswerText.Text(history, "files")} file(s), "
            + $"{Size(history, "bytes")}{(AnswerText.Text(history, "oldest") is { Length: > 0 } oldest ? $", from {oldest} on" : "")}");
        var policies = status.GetProperty("policies");
        if (policies.GetArrayLength() == 0)
        {
            Line("policies", "none");
            return;
        }

        output.WriteLine("policies");
        foreach (var policy in policies.EnumerateArray())
        {
            output.WriteLine($"  {AnswerText.Text(policy, "name")}");
            var last = policy.TryGetProperty("last", out var found) ? Last(found) : "never on this host, as far back as the history goes";
            output.WriteLine($"    last  {last}");
            var next = AnswerText.Instant(policy, "next", zone) is { Length: > 0 } instant ? instant
                : policy.GetProperty("paused").GetBoolean() ? "paused"
                : "on demand";
            output.WriteLine($"    next  {next}");
        }
    }

    private string Last(JsonElement last) =>
        $"{AnswerText.Instant(last, "finished", zone)}  {AnswerText.Text(last, "state")}  {AnswerText.Text(last, "message")}";

    private static string Size(JsonElement element, string name)
    {
        var bytes = element.GetProperty(name).GetInt64();
        return bytes < 1 << 20
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KiB")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MiB");
    }

    private void Line(string name, string value)
    {
        if (value.Length > 0)
        {
            output.WriteLine($"{name,-11}  {value}");
        }
    }
}
