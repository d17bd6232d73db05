using Fleet.Agent.Journal;
using Fleet.Agent.Native;
using Fleet.Agent.Tools;

namespace Fleet.Agent.Runs;

/// <summary>The tool runner of one attempt: its priority, its mark in the environment, its processes in the journal.</summary>
internal sealed class RunToolRunner(IToolRunner tools, RunKey key, ToolPriority priority, RunLedger ledger) : IToolRunner
{
    public string? Find(string tool) => tools.Find(tool);

    public Task<ToolResult> RunAsync(ToolRequest request, IToolOutput output, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string>(request.Environment) { [LeftoverProcesses.Mark] = LeftoverProcesses.MarkOf(key) };
        return tools.RunAsync(
            request with
            {
                Environment = environment,
                Priority = request.Priority ?? priority,
                OnStarted = process =>
                {
                    ledger.AddProcess(key, process);
                    request.OnStarted?.Invoke(process);
                },
            },
            output,
            cancellationToken);
    }
}
