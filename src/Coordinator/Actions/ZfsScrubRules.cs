using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Actions;

/// <summary>Reads a whole pool and repairs what it can.</summary>
internal sealed class ZfsScrubRules() : ActionRules<ZfsScrubAction>(ActionCase.ZfsScrub, static action => action.ZfsScrub)
{
    protected override void Validate(ZfsScrubAction scrub, string path, ActionFindings findings)
    {
        if (scrub.Pools.Count is 0 or > 100)
        {
            findings.Refuse($"{path}.pools", "is required: 1 to 100 names of pools");
        }

        for (var i = 0; i < scrub.Pools.Count; i++)
        {
            if (scrub.Pools[i].Contains('/'))
            {
                findings.Refuse($"{path}.pools[{i}]", "must be the name of a pool: only whole pools can be scrubbed");
            }
            else
            {
                findings.CheckDataset(scrub.Pools[i], $"{path}.pools[{i}]");
            }
        }

        if (!System.Enum.IsDefined(scrub.Operation))
        {
            findings.Refuse($"{path}.operation", "must be start, pause or stop");
        }

        if (scrub.DryRun)
        {
            findings.Warn("the action is a dry run: it changes nothing, and so proves nothing");
        }
    }

    public override void AddEventAttributes(ActionResult result, bool isDryRun, EventAttributes attributes)
    {
        if (result.ZfsScrub is { } scrub)
        {
            attributes.AddSum("scrub_errors", scrub.Pools.Select(static pool => pool.Errors));
            attributes.AddSum("repaired_bytes", scrub.Pools.Select(static pool => pool.RepairedBytes));
            attributes.AddSum("data_errors", scrub.Pools.Select(static pool => pool.DataErrors));
        }
    }
}
