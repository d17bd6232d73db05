using Fleet.Agent.Tools;

namespace Fleet.Agent.Tests.Actions.Zfs;

/// <summary>Somebody else at work on the same pool: changes it once, right before the first call that begins like this.</summary>
internal sealed class Meddler(string before, Action change) : IToolRunner, IDisposable
{
    private bool _isDone;

    public string? Find(string tool) => TestRun.Tools.Find(tool);

    public Task<ToolResult> RunAsync(ToolRequest request, IToolOutput output, CancellationToken cancellationToken)
    {
        if (!_isDone && string.Join(' ', request.Arguments).StartsWith(before, StringComparison.Ordinal))
        {
            _isDone = true;
            change();
        }

        return TestRun.Tools.RunAsync(request, output, cancellationToken);
    }

    public void Dispose() => Assert.True(_isDone, $"nobody called {before}");
}
