namespace Fleet.Coordinator.Runs;

/// <summary>Which actions can say what they would do without doing it.</summary>
internal static class DryRuns
{
    public static bool Has(Protocol.V1.Action action) =>
        action.KindCase is Protocol.V1.Action.KindOneofCase.Rsync or Protocol.V1.Action.KindOneofCase.ZfsSnapshot;

    public static bool Is(Protocol.V1.Action action) => action.Rsync is { DryRun: true } || action.ZfsSnapshot is { DryRun: true };

    /// <summary>The same action as a dry run. It must have one.</summary>
    public static Protocol.V1.Action Of(Protocol.V1.Action action)
    {
        var dry = action.Clone();
        if (dry.Rsync is { } rsync)
        {
            rsync.DryRun = true;
        }
        else
        {
            dry.ZfsSnapshot.DryRun = true;
        }

        return dry;
    }
}
