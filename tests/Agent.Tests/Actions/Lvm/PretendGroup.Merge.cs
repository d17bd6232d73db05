using Fleet.Agent.Tools;

namespace Fleet.Agent.Tests.Actions.Lvm;

/// <summary>Merging, as it was recorded: at once, or when the origin is activated next.</summary>
internal sealed partial class PretendGroup
{
    /// <summary>A classic merge takes its time.</summary>
    public bool MergeGoesOn { get; set; }

    /// <summary>What waits for it is merged.</summary>
    public void ActivateAgain(Volume origin) =>
        Complete(_volumes.Single(v => v.OriginUuid == origin.Uuid && v.Merging == "merging"), origin);

    private int Merge(IToolOutput output, string path)
    {
        if (_volumes.Find(v => $"vg/{v.Name}" == path) is not { } snapshot)
        {
            return Error(output, $"  Failed to find logical volume \"{path}\"");
        }

        if (_volumes.Find(v => v.Uuid == snapshot.OriginUuid) is not { } origin)
        {
            return Error(output, $"  {path} is not a mergeable logical volume.");
        }

        if (origin.Attributes[5] == 'o' || MergeGoesOn)
        {
            snapshot.Merging = "merging";
            snapshot.Attributes = $"S{snapshot.Attributes[1..]}";
            origin.Attributes = $"O{origin.Attributes[1..]}";
            origin.Merging = origin.PoolUuid.Length > 0 ? "" : "merging";
        }
        else
        {
            Complete(snapshot, origin);
        }

        return 0;
    }

    /// <summary>A thin one takes the place of its origin, with its name and uuid; the others lose theirs.</summary>
    private void Complete(Volume snapshot, Volume origin)
    {
        _volumes.Remove(snapshot);
        origin.Merging = "";
        origin.Attributes = $"{(origin.PoolUuid.Length > 0 ? 'V' : '-')}{origin.Attributes[1..]}";
        foreach (var other in _volumes.Where(v => origin.PoolUuid.Length > 0 && v.OriginUuid == origin.Uuid))
        {
            (other.Origin, other.OriginUuid, other.Role) = ("", "", "public");
        }
    }
}
