using Fleet.Agent.Zfs;

namespace Fleet.Agent.Actions.Zfs.Recovery;

/// <summary>Asks about one dataset that is, or is to become, a clone.</summary>
internal static class CloneLookup
{
    /// <returns>One of both is null. A dataset that is not there is the error DoesNotExist.</returns>
    public static async Task<(CloneFacts? Found, ZfsError? Error)> FindAsync(
        ZfsAttempt attempt, string dataset, CancellationToken cancellationToken)
    {
        var list = new ZfsListing<CloneFacts>(l => CloneFacts.Parse(l) is { } f && f.Name == dataset ? f : null, f => f.Name);
        var error = await AskAsync(attempt, dataset, RecoveryCommands.CloneFacts(dataset), list, cancellationToken);
        return error is not null ? (null, error)
            : list.IsComplete && list.Items.FirstOrDefault() is { } facts ? (facts, null)
            : (null, new ZfsError(ZfsErrorKind.Unknown,
                $"a line of zfs list was not understood: {(list.Refused.Count > 0 ? list.Refused[0] : "none came")}", []));
    }

    /// <summary>
    /// As <see cref="FindAsync"/>, but without <see cref="CloneFacts.RunId"/> where the property came by inheritance: a dataset in a clone
    /// of ours is not ours.
    /// </summary>
    public static async Task<(CloneFacts? Found, ZfsError? Error)> FindOwnedAsync(
        ZfsAttempt attempt, string dataset, CancellationToken cancellationToken)
    {
        var (found, error) = await FindAsync(attempt, dataset, cancellationToken);
        if (found?.RunId is null)
        {
            return (found, error);
        }

        var list = new ZfsListing<string>(
            l => l.SequenceEqual(System.Text.Encoding.UTF8.GetBytes(found.RunId)) ? found.RunId : null, r => r);
        error = await AskAsync(attempt, dataset, RecoveryCommands.OwnCloneProperty(dataset), list, cancellationToken);
        return error is null ? (list.IsComplete && list.Items.Any() ? found : found with { RunId = null }, null) : (null, error);
    }

    private static Task<ZfsError?> AskAsync<T>(
        ZfsAttempt attempt, string dataset, IReadOnlyList<Tools.ToolArgument> arguments, ZfsListing<T> list,
        CancellationToken cancellationToken)
        where T : class =>
        attempt.Query.RunAsync(
            "zfs", ZfsNames.PoolOf(dataset), arguments, list, list.Errors, attempt.Limit(ZfsInventory.ListTimeout), cancellationToken);
}
