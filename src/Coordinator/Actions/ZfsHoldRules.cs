using System.Text.RegularExpressions;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Actions;

/// <summary>Protects single snapshots, or releases them.</summary>
internal sealed partial class ZfsHoldRules() : ActionRules<ZfsHoldAction>(ActionCase.ZfsHold, static action => action.ZfsHold)
{
    protected override void Validate(ZfsHoldAction hold, string path, ActionFindings findings)
    {
        findings.RefuseCount(hold.Snapshots.Count, $"{path}.snapshots");
        for (var i = 0; i < hold.Snapshots.Count; i++)
        {
            findings.CheckSnapshot(hold.Snapshots[i], $"{path}.snapshots[{i}]");
        }

        if (hold.Tag.Length > 0 && !HoldTagPattern().IsMatch(hold.Tag))
        {
            findings.Refuse($"{path}.tag", "must be \"fleet:\" and up to 32 of a-z, 0-9, '-'");
        }
    }

    [GeneratedRegex("^fleet:[a-z0-9-]{1,32}\\z")]
    private static partial Regex HoldTagPattern();
}
