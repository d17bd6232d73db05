using System.Text;
using Fleet.Agent.Journal;
using Fleet.Agent.Tools;
using Mono.Unix.Native;

namespace Fleet.Agent.Runs;

/// <summary>
/// Ends what an agent that died left running. The kernel kills the tool itself (PR_SET_PDEATHSIG), but not what the tool had
/// started. A number alone proves nothing: a process counts only with its start time or with the run's mark in its environment.
/// </summary>
internal static class LeftoverProcesses
{
    /// <summary>Variable in the environment of every process of an attempt.</summary>
    public const string Mark = "FLEET_RUN";

    public static string MarkOf(RunKey key) => $"{key.RunId}/{key.Attempt}";

    /// <summary>Kills them and gives their number.</summary>
    public static int End(RunKey key, IReadOnlyList<JournalProcess> recorded, string bootId)
    {
        var groups = recorded.Where(p => p.BootId == bootId).ToList();
        if (groups.Count == 0)
        {
            return 0;
        }

        var ended = 0;
        foreach (var process in ProcessStat.All())
        {
            if (process.State != 'Z' && groups.Any(g => Belongs(process, g, key)))
            {
                _ = Syscall.kill(process.ProcessId, Signum.SIGKILL);
                ended++;
            }
        }

        return ended;
    }

    private static bool Belongs(ProcessStat process, JournalProcess recorded, RunKey key) =>
        (process.ProcessId == recorded.ProcessId && process.StartTicks == recorded.StartTicks)
        || (process.GroupId == recorded.ProcessId && HasMark(process.ProcessId, key));

    private static bool HasMark(int processId, RunKey key)
    {
        try
        {
            var environment = File.ReadAllBytes($"/proc/{processId}/environ");
            return environment.AsSpan().IndexOf(Encoding.ASCII.GetBytes($"{Mark}={MarkOf(key)}\0")) >= 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
