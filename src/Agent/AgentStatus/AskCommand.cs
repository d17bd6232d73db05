using System.Text;
using System.Text.Json;
using Fleet.Agent.Configuration;
using Fleet.Agent.History;
using Fleet.Agent.LocalSocket;
using Fleet.Agent.Logging;

namespace Fleet.Agent.AgentStatus;

/// <summary>
/// `fleet-agent runs`, `run` and `status`: asks the agent of this host, or reads its files when it does not answer, and prints what it
/// says. Needs no coordinator.
/// </summary>
internal sealed class AskCommand(AgentOptions options, TextWriter output, TextWriter errors, TimeProvider time)
{
    public const string RunsHelp = """
        fleet-agent runs [--policy NAME] [--state STATE] [--action NAME] [--since TIME] [--until TIME] [--limit N] [--json] [--config FILE]

        Lists what ran on this host, the newest first. The agent answers; when it does not run,
        its files are read. No coordinator is needed.

          --policy NAME  only runs of this policy
          --state STATE  succeeded, warnings, failed, timed-out, cancelled, refused, interrupted or skipped
          --action NAME  such as rsync, command, zfs.prune
          --since TIME   ended at or after: 2026-11-30, 2026-11-30T08:00, or 36h and 7d for so long ago
          --until TIME   ended before or at
          --limit N      of the newest; 1 to 1000, default 20
          --json         {"from", "notes", "runs": [
              {"run", "attempt", "policy", "action", "state", "finished", "duration_ms", "message", ...}]}
          --config FILE  default /etc/fleet/agent.yaml

        Examples:
          fleet-agent runs --policy nightly --since 7d
          fleet-agent runs --state failed --json | jq -r '.runs[].run'

        For root, and for members of the group that agent.yaml names (local_socket: {group: NAME}).
        Exit codes: 0 answered, 1 no answer, 2 wrong usage, 78 wrong configuration.
        """;

    public const string RunHelp = """
        fleet-agent run ID [--json] [--config FILE]

        Shows every attempt of a run on this host: result, facts, phases with their times, the rule that refused it,
        and the end of its output.
        ID is the run's id, or the first 8 or more of its digits.

          --json         {"from", "notes", "run", "attempts": [{..., "facts", "details", "phases": [{"name", "at", "ms"}], "tail": [...]}]}
          --config FILE  default /etc/fleet/agent.yaml

        Examples:
          fleet-agent run 4f1d02c9
          fleet-agent run 4f1d02c9 --json | jq '.attempts[-1].facts'

        Exit codes: 0 answered, 1 no answer or no such run, 2 wrong usage, 78 wrong configuration.
        """;

    public const string StatusHelp = """
        fleet-agent status [--json] [--config FILE]

        Shows how the agent of this host stands: connection, coordinator,
        policies with their last result and when they are due next by this host's
        clock, what waits for the coordinator, and the history of runs. When it does not run, its files are read.

          --json         one JSON object instead of lines
          --config FILE  default /etc/fleet/agent.yaml

        Examples:
          fleet-agent status
          fleet-agent status --json | jq '.policies[] | select(.last.state == "failed") | .name'

        Exit codes: 0 answered, 1 no answer, 2 wrong usage, 78 wrong configuration.
        """;

    public async Task<int> RunAsync(LocalQuestion question, bool json, CancellationToken cancellationToken)
    {
        byte[] answer;
        try
        {
            answer = await LocalClient.AskAsync(LocalSocketPath.In(options.RuntimeDirectory), question, time, cancellationToken)
                ?? new StoppedAgent(options, time).Answer(question, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"fleet-agent: {LogText.Escape(e.Message)}");
            return 1;
        }

        using var document = JsonDocument.Parse(answer);
        if (document.RootElement.TryGetProperty("error", out var error))
        {
            errors.WriteLine($"fleet-agent: {LogText.Escape(error.GetString() ?? "")}");
            return 1;
        }

        if (json)
        {
            output.WriteLine(Encoding.UTF8.GetString(answer));
        }
        else
        {
            Print(question, document.RootElement);
        }

        return question.Ask == LocalQuestion.Run && document.RootElement.GetProperty("attempts").GetArrayLength() == 0 ? 1 : 0;
    }

    private void Print(LocalQuestion question, JsonElement answer)
    {
        foreach (var note in answer.GetProperty("notes").EnumerateArray())
        {
            errors.WriteLine($"note: {LogText.Escape(note.GetString() ?? "")}");
        }

        var zone = time.LocalTimeZone;
        switch (question.Ask)
        {
            case LocalQuestion.Runs:
                new RunsText(output, zone).Write(answer.GetProperty("runs"));
                break;
            case LocalQuestion.Run:
                new AttemptText(output, zone).Write(question.RunId, answer.GetProperty("attempts"));
                break;
            default:
                new StatusText(output, zone).Write(answer);
                break;
        }
    }
}
