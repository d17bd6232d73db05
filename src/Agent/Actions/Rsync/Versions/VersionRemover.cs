using Fleet.Agent.Tools;

namespace Fleet.Agent.Actions.Rsync.Versions;

/// <summary>Removes trees with rm(1), which knows no names that are too odd. What cannot be removed becomes a note.</summary>
internal sealed class VersionRemover(ActionContext context, VersionStore store, AttemptTime time, List<string> notes)
{
    private const int MaxReported = 1_000; // as RsyncStatistics.removed_version_paths
    private readonly List<byte[]> _removed = [];

    /// <summary>Complete trees that are gone: the first of them.</summary>
    public IReadOnlyList<byte[]> Removed => _removed;

    public async Task RemoveAsync(IReadOnlyList<VersionRecord> records, CancellationToken cancellationToken)
    {
        foreach (var record in records)
        {
            if (!await context.OnDisk(() => store.IsStill(record)))
            {
                notes.Add($"{record.Folder} is no longer the folder that Fleet made: it is left alone");
                continue;
            }

            var output = new FirstError();
            var request = new ToolRequest
            {
                Program = "rm",
                Arguments = ["-rf", "--one-file-system", "--", new ToolArgument(store.ProcPathOf(record.Folder))],
                Timeout = time.Limit(context.Timeout),
            };
            var removal = await context.Tools.RunAsync(request, output, cancellationToken);
            if (await context.OnDisk(() => store.IsGone(record)))
            {
                await context.OnDisk(() => store.Forget(record));
                context.Log.Say($"removed {record.Folder}");
                if (record.Complete && _removed.Count < MaxReported)
                {
                    _removed.Add(store.PathOf(record.Folder));
                }
            }
            else
            {
                notes.Add(removal.End == ToolEnd.Cancelled
                    ? $"{record.Folder} was not removed: the run was cancelled"
                    : $"{record.Folder} could not be removed: {output.Why(removal)}");
            }
        }
    }
}
