using Fleet.Agent.Actions.Rsync.Ownership;
using Fleet.Agent.Actions.Rsync.Versions;
using Fleet.Agent.Files;
using Fleet.Agent.Logging;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Rsync;

/// <summary>
/// A copy has one writer: nothing is written at, above or below a local destination of another policy, and nothing but dated trees where
/// dated trees are.
/// </summary>
internal sealed class OtherWriters(ActionContext context, PathProbe probe, VersionFolders folders)
{
    private const string IfGone = $"If that policy is gone, remove {OwnerMarker.FileName} there";
    private const string Rule = "one writer for each copy";

    /// <summary>Folders a few levels below the destination that may be somebody else's, for <see cref="CheckAsync"/>.</summary>
    /// <param name="destination">Null if it is on another host.</param>
    /// <returns>Relative to the destination.</returns>
    public async Task<IReadOnlyList<byte[]>> FindMarkedAsync(GuardedPath? destination, CancellationToken cancellationToken) =>
        destination is null || IsNew(destination) ? [] : await probe.FindMarkedAsync(destination, cancellationToken);

    /// <param name="destination">Need not exist.</param>
    /// <param name="near">What <see cref="FindMarkedAsync"/> found.</param>
    /// <returns>Null if nobody else writes there.</returns>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    /// <exception cref="TimeoutException"/>
    public async Task<ActionResult?> CheckAsync(GuardedPath destination, IReadOnlyList<byte[]> near)
    {
        var mode = context.Action.Rsync.Mode;
        if (await context.OnDisk(() => AtOrAbove(destination, mode)) is { } found)
        {
            return Refuse(found);
        }

        return IsNew(destination) ? null : await CheckBelowAsync(destination, [.. near, .. folders.Below(destination.Path)]);
    }

    /// <summary>Looks at folders below the destination that may be somebody else's.</summary>
    /// <param name="marked">Relative to the destination.</param>
    /// <param name="hasMore">There are others, of which nobody can say whose they are.</param>
    /// <inheritdoc cref="CheckAsync"/>
    public async Task<ActionResult?> CheckBelowAsync(GuardedPath destination, IReadOnlyList<byte[]> marked, bool hasMore = false) =>
        destination.Opened is null ? null
        : await context.OnDisk(() => marked.Select(f => WhoseBelow(destination, f)).FirstOrDefault(w => w is not null)) is { } found
            ? Refuse(found)
        : hasMore
            ? Refuse($"below {LogText.Escape(destination.Path)} more than {marked.Count} folders with marks of Fleet would be deleted, "
                + $"too many to tell whose they are: delete or exclude them")
        : null;

    /// <summary>The folder of dated trees that a path is or lies in. Null if there is none.</summary>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public static byte[]? VersionsFolderOf(GuardedPath path)
    {
        var makers = MarkMakers.Of(path);
        return path.Opened is { IsFolder: true } opened && VersionStore.IsVersionsFolder(opened, makers) ? path.Path
            : FoldersAbove(path).FirstOrDefault(f => VersionStore.IsVersionsFolder(f.Folder, makers)).Path;
    }

    /// <summary>A new tree has a name of its own, which nothing else has.</summary>
    private bool IsNew(GuardedPath destination) => context.Action.Rsync.Mode == RsyncMode.Versions || destination.Opened is null;

    private string? AtOrAbove(GuardedPath destination, RsyncMode mode)
    {
        var shown = LogText.Escape(destination.Path);
        var makers = MarkMakers.Of(destination);
        if (destination.Opened is { IsFolder: true } opened)
        {
            if (mode != RsyncMode.Versions && VersionStore.IsVersionsFolder(opened, makers))
            {
                return $"{shown} holds dated trees made by Fleet: only mode versions may write there";
            }

            if (mode == RsyncMode.Versions && OwnerFile.Read(opened) is { } owner && !owner.IsOf(context))
            {
                return $"{shown} is the destination of {owner.Describe(context)}: dated trees need a folder of their own. {IfGone}";
            }
        }

        foreach (var (path, folder) in FoldersAbove(destination))
        {
            if (VersionStore.IsVersionsFolder(folder, makers))
            {
                return $"{shown} lies in {LogText.Escape(path)}, which holds dated trees made by Fleet";
            }

            if (makers.Made(folder, OwnerMarker.FileName) && OwnerFile.Read(folder) is { } above && !above.IsOf(context))
            {
                return $"{shown} lies in {LogText.Escape(path)}, the destination of {above.Describe(context)}. {IfGone}";
            }
        }

        return null;
    }

    /// <summary>The folders that a path lies in, the nearest first, each open until the next one is asked for.</summary>
    private static IEnumerable<(byte[] Path, OpenPath Folder)> FoldersAbove(GuardedPath destination)
    {
        using var root = OpenPath.Folder("/"u8);
        for (var path = destination.Path; path.Length > 1;)
        {
            path = LocalSides.FolderOf(path);
            using var folder = root.Find(path.AsSpan(1), sameMount: false);
            if (folder is not null)
            {
                yield return (path, folder);
            }
        }
    }

    private string? WhoseBelow(GuardedPath destination, byte[] relative)
    {
        // A link is nobody's destination: rsync does not go through it either.
        using var folder = destination.Opened!.Below(relative, out var failure, out var message);
        if (folder is not { IsFolder: true })
        {
            return failure == OpenFailure.Other ? throw new IOException($"{LogText.Escape(destination.At(relative))}: {message}") : null;
        }

        var shown = LogText.Escape(destination.At(relative));
        var makers = MarkMakers.Of(destination);
        return VersionStore.IsVersionsFolder(folder, makers)
                ? $"{shown}, below the destination {LogText.Escape(destination.Path)}, holds dated trees made by Fleet"
            : makers.Made(folder, OwnerMarker.FileName) && OwnerFile.Read(folder) is { } owner && !owner.IsOf(context)
                ? $"{shown}, below the destination {LogText.Escape(destination.Path)}, is the destination of {owner.Describe(context)}. "
                    + $"{IfGone}"
            : null;
    }

    private static ActionResult Refuse(string message) => TransferCheck.Refuse(Rule, $"nothing was changed: {message}").Stop!;
}
