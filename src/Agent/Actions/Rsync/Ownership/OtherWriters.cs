using Fleet.Agent.Actions.Rsync.Versions;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Rsync.Ownership;

/// <summary>
/// A copy has one writer: nothing is written at, above or below a local destination of another policy, and nothing but dated trees where
/// dated trees are.
/// </summary>
internal sealed class OtherWriters(ActionContext context, PathProbe probe, VersionFolders folders)
{
    private const string IfGone = $"If that policy is gone, remove {OwnerMarker.FileName} there";
    private const string Rule = "one writer for each copy";

    /// <param name="destination">Without symbolic links. Need not exist.</param>
    /// <returns>Null: nobody else writes there.</returns>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    /// <exception cref="TimeoutException"/>
    public async Task<ActionResult?> CheckAsync(byte[] destination, CancellationToken cancellationToken)
    {
        var mode = context.Action.Rsync.Mode;
        if (await context.OnDisk(() => AtOrAbove(destination, mode)) is { } found)
        {
            return Refuse(found);
        }

        if (mode == RsyncMode.Versions)
        {
            // A new tree has a name of its own, which nothing else has.
            return null;
        }

        var near = await probe.FindMarkedAsync(destination, cancellationToken);
        return await CheckBelowAsync(destination, [.. near, .. folders.Below(destination)]);
    }

    /// <summary>Looks at folders below the destination that may be somebody else's.</summary>
    /// <param name="marked">Absolute.</param>
    /// <inheritdoc cref="CheckAsync"/>
    public async Task<ActionResult?> CheckBelowAsync(byte[] destination, IReadOnlyList<byte[]> marked) =>
        await context.OnDisk(() => marked.Select(f => WhoseBelow(destination, f)).FirstOrDefault(w => w is not null)) is { } found ? Refuse(found) : null;

    private string? AtOrAbove(byte[] destination, RsyncMode mode)
    {
        var shown = LogText.Escape(destination);
        if (mode != RsyncMode.Versions && VersionStore.IsVersionsFolder(destination))
        {
            return $"{shown} holds dated trees made by Fleet: nothing but mode versions writes there";
        }

        if (mode == RsyncMode.Versions && OwnerFile.Read(destination) is { } owner && !owner.IsOf(context))
        {
            return $"{shown} is the destination of {owner.Describe(context)}: dated trees need a folder of their own. {IfGone}";
        }

        for (var folder = destination; folder.AsSpan().LastIndexOf((byte)'/') is var slash && folder.Length > 1;)
        {
            folder = slash == 0 ? "/"u8.ToArray() : folder[..slash];
            if (VersionStore.IsVersionsFolder(folder))
            {
                return $"{shown} lies in {LogText.Escape(folder)}, which holds dated trees made by Fleet";
            }

            if (OwnerFile.Read(folder) is { } above && !above.IsOf(context))
            {
                return $"{shown} lies in {LogText.Escape(folder)}, the destination of {above.Describe(context)}. {IfGone}";
            }
        }

        return null;
    }

    private string? WhoseBelow(byte[] destination, byte[] folder) =>
        VersionStore.IsVersionsFolder(folder)
            ? $"{LogText.Escape(folder)}, below the destination {LogText.Escape(destination)}, holds dated trees made by Fleet"
        : OwnerFile.Read(folder) is { } owner && !owner.IsOf(context)
            ? $"{LogText.Escape(folder)}, below the destination {LogText.Escape(destination)}, is the destination of {owner.Describe(context)}. {IfGone}"
        : null;

    private static ActionResult Refuse(string message) => TransferCheck.Refuse(Rule, $"nothing was changed: {message}").Stop!;
}
