namespace Fleet.Agent.Tools;

/// <summary>
/// The one door to processes. A tool runs without a shell, in its own session and process group, with a minimal environment,
/// and dies with the agent.
/// </summary>
internal interface IToolRunner
{
    /// <summary>
    /// Absolute path of an installed tool, looked for in /usr/local/sbin, /usr/local/bin, /usr/sbin, /usr/bin, /sbin, /bin;
    /// an absolute path is only checked. Null if it does not exist or is not executable.
    /// </summary>
    string? Find(string tool);

    /// <summary>
    /// Runs a tool and waits until every process of its group is gone. Never throws for what a tool does: see
    /// <see cref="ToolResult.End"/>. Cancelling ends the whole group: TERM, then KILL after <see cref="ToolRequest.Grace"/>.
    /// </summary>
    Task<ToolResult> RunAsync(ToolRequest request, IToolOutput output, CancellationToken cancellationToken);
}
