using System.Text;
using Fleet.Agent.Files;
using Fleet.Agent.Guard;
using Fleet.Agent.Logging;
using Fleet.Agent.Tools;
using Fleet.Agent.Tools.Confinement;

namespace Fleet.Agent.Check;

/// <summary>Whether rsync can be given a mount namespace of its own here: starts a program in one, as a run would.</summary>
internal static class ConfinementCheck
{
    private const string Name = "confinement";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <param name="folder">One that exists, for the program to see.</param>
    public static async Task<CheckItem> RunAsync(
        GuardRules rules, string guardFile, string folder, ToolRunner tools, CancellationToken cancellationToken)
    {
        if (!OpenPath.IsOffered)
        {
            return new CheckItem(
                CheckLevel.Fail, Name, $"runs of rsync and restores are refused: {OpenPath.NotOffered}", "run the agent on a newer kernel");
        }

        if (await ProblemAsync(folder, tools, cancellationToken) is { } problem)
        {
            return !rules.Confine
                ? new CheckItem(CheckLevel.Ok, Name, $"rsync sees the whole host, as {guardFile} says (confine: false); {problem}")
                : new CheckItem(
                    CheckLevel.Fail,
                    Name,
                    $"runs of rsync and restores are refused: {problem}",
                    Environment.IsPrivilegedProcess
                        ? $"allow the agent mount namespaces (Linux 5.12 or newer; CAP_SYS_ADMIN and RestrictNamespaces=mnt in its unit; "
                            + $"in a container, nesting), or turn confinement off: rsync: {{confine: false}} in {guardFile}"
                        : "run as root");
        }

        return rules.Confine
            ? new CheckItem(CheckLevel.Ok, Name, "rsync sees nothing but what it copies")
            : new CheckItem(CheckLevel.Warn, Name, $"rsync sees the whole host, as {guardFile} says; it could be confined here",
                $"remove confine: false from {guardFile}");
    }

    private static async Task<string?> ProblemAsync(string folder, ToolRunner tools, CancellationToken cancellationToken)
    {
        try
        {
            using var opened = OpenPath.Folder(FileFacts.Canonical(Encoding.UTF8.GetBytes(folder), out _) ?? "/"u8.ToArray());
            var request = new ToolRequest
            {
                Program = tools.Find("rsync") is null ? "true" : "rsync",
                Arguments = ["--version"],
                Timeout = Timeout,
                Confinement = new ToolConfinement
                {
                    Trees = [new ConfinedTree(opened, opened.CurrentPath() ?? "/.fleet/check"u8.ToArray(),
                    Writable: false)],
                    StartsRemoteShell = true
                },
            };
            var result = await tools.RunAsync(request, new NoOutput(), cancellationToken);
            return result.Succeeded
                ? null
                : result.End == ToolEnd.NotConfined
                ? result.Message
                : $"{result.Name}, started confined, did not succeed: {result.Message}";
        }
        catch (IOException e)
        {
            return LogText.Escape(e.Message);
        }
    }

    private sealed class NoOutput : IToolOutput
    {
        public void OnLine(Protocol.V1.LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
        {
            // Its version is reported elsewhere.
        }
    }
}
