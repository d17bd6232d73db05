using System.Globalization;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Rsync;

/// <summary>How many entries a mirror may delete before it asks. Pure.</summary>
internal static class DeletionLimit
{
    /// <summary>When the policy gives none, as RsyncAction.max_delete says.</summary>
    public const long Default = 10_000;

    /// <summary>Fewer are deleted without looking at their share: small copies change a lot from one run to the next.</summary>
    public const long AlwaysFine = 100;

    /// <summary>Why a person must decide; null if the run may continue.</summary>
    /// <param name="maxDelete">The policy's; 0: none, then the default, and no more than half of what is there.</param>
    /// <param name="statistics">Of the dry run.</param>
    public static string? Problem(long maxDelete, long deletions, RsyncStatistics statistics)
    {
        if (maxDelete > 0)
        {
            return deletions > maxDelete
                ? Text($"{deletions} entries would be deleted, more than the policy's max_delete {maxDelete}")
                : null;
        }

        var there = Math.Max(deletions, statistics.Files - statistics.FilesCreated + deletions);
        return deletions > Default ? Text($"{deletions} entries would be deleted, more than the {Default} of a policy without max_delete")
            : deletions > AlwaysFine && deletions > there / 2
                ? Text($"{deletions} of {there} entries would be deleted, more than half, and the policy gives no max_delete")
            : null;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
