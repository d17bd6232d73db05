using Fleet.Agent.Tools;

namespace Fleet.Agent.Tests.Actions.Restore;

/// <summary>The real rsync, realpath and stat; everything else is answered by a pool or group in memory.</summary>
/// <param name="rsync">Null: the one that is installed.</param>
internal sealed class RestoreTools(IToolRunner pretend, IToolRunner? rsync = null) : IToolRunner
{
    /// <summary>Called before rsync starts.</summary>
    public Action? OnCopy { get; set; }

    public string? Find(string tool) => pretend.Find(tool);

    public Task<ToolResult> RunAsync(ToolRequest request, IToolOutput output, CancellationToken cancellationToken)
    {
        if (request.Program is not ("rsync" or "stat"))
        {
            return pretend.RunAsync(request, output, cancellationToken);
        }

        if (request.Program == "rsync")
        {
            OnCopy?.Invoke();
        }

        return (rsync ?? TestRun.Tools).RunAsync(request, output, cancellationToken);
    }
}
