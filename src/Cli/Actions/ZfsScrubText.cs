using Fleet.Cli.Output;
using Fleet.Protocol.V1;
using Fleet.Yaml;

namespace Fleet.Cli.Actions;

/// <summary><c>zfs_scrub</c>.</summary>
internal sealed class ZfsScrubText()
    : PolicyActionText<ZfsScrubAction>(
        ActionCase.ZfsScrub, static action => action.ZfsScrub, static message => new() { ZfsScrub = message })
{
    protected override string Words(ZfsScrubAction scrub) =>
        $"scrub {HumanText.Words(scrub.Operation)}: {string.Join(", ", scrub.Pools)}";

    protected override ZfsScrubAction Read(YamlMapping yaml)
    {
        var scrub = new ZfsScrubAction { Operation = ReadOperation(yaml), DryRun = yaml.Boolean("dry_run") ?? false };
        if (!yaml.Has("pools"))
        {
            yaml.Problem("pools", "is required: names of pools, such as [tank]");
        }

        scrub.Pools.Add(yaml.Strings("pools"));
        yaml.RefuseUnknown();
        return scrub;
    }

    private static ZfsScrubOperation ReadOperation(YamlMapping yaml)
    {
        switch (yaml.String("operation"))
        {
            case null or "start":
                return ZfsScrubOperation.Start;
            case "pause":
                return ZfsScrubOperation.Pause;
            case "stop":
                return ZfsScrubOperation.Stop;
            default:
                yaml.Problem("operation", "must be start, pause or stop");
                return ZfsScrubOperation.Unspecified;
        }
    }
}
