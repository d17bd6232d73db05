namespace Fleet.Agent.LocalSocket;

/// <summary>Where the agent listens.</summary>
internal static class LocalSocketPath
{
    public static string In(string runtimeDirectory) => Path.Join(runtimeDirectory, "agent.sock");
}
