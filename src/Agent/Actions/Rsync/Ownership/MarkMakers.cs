using System.Text;
using Fleet.Agent.Files;

namespace Fleet.Agent.Actions.Rsync.Ownership;

/// <summary>
/// Tells marks that an agent made at, above or below a destination from files of their names that a user made, in the copy or in what is
/// copied: those must not stop the copies of others.
/// </summary>
internal sealed class MarkMakers
{
    private readonly int? _mount;
    private readonly uint? _own;

    private MarkMakers(int? mount, uint? own) => (_mount, _own) = (mount, own);

    /// <exception cref="IOException"/>
    public static MarkMakers Of(GuardedPath destination)
    {
        using var own = destination.Opened is { IsFolder: true } folder ? folder.Find(Encoding.ASCII.GetBytes(OwnerMarker.FileName)) : null;
        return own is null ? new MarkMakers(null, null) : new MarkMakers(destination.Opened!.MountId(), own.Owner);
    }

    /// <summary>
    /// False if somebody else made it, or there is none. Not everywhere does what root writes belong to root: on the file system of the
    /// destination it belongs to whom the destination's own mark does. Where that is not known, anybody may be an agent.
    /// </summary>
    /// <exception cref="IOException"/>
    public bool Made(OpenPath folder, string name)
    {
        using var mark = folder.Find(Encoding.ASCII.GetBytes(name), sameMount: false);
        return mark is not null
            && (mark.Owner == 0 || mark.Owner == FileFacts.EffectiveUser || mark.Owner == _own || mark.MountId() != _mount);
    }
}
