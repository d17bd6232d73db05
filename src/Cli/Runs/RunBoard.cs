using Fleet.Protocol.V1;

namespace Fleet.Cli.Runs;

/// <summary>The newest known state of each run that is followed.</summary>
internal sealed class RunBoard(IEnumerable<Run> runs)
{
    private readonly List<Run> _runs = [.. runs.OrderBy(r => r.HostName, StringComparer.Ordinal).Select(r => r.Clone())];

    public IReadOnlyList<Run> Runs => _runs;

    /// <summary>Applies an update. Returns the run as it is now, or null if the update is not about a run that is followed.</summary>
    public Run? Take(string runId, WatchRunResponse update)
    {
        var index = _runs.FindIndex(r => r.RunId == runId);
        if (index < 0)
        {
            return null;
        }

        switch (update.KindCase)
        {
            case WatchRunResponse.KindOneofCase.Run:
                var progress = _runs[index].Progress;
                _runs[index] = update.Run.Clone();
                _runs[index].Progress ??= progress;
                return _runs[index];
            case WatchRunResponse.KindOneofCase.Progress:
                _runs[index].Progress = update.Progress;
                return _runs[index];
            default:
                return null;
        }
    }
}
