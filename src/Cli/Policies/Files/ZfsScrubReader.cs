using Fleet.Protocol.V1;
using Fleet.Yaml;

namespace Fleet.Cli.Policies.Files;

/// <summary>The <c>zfs_scrub</c> part of a policy.</summary>
internal static class ZfsScrubReader
{
    public static ZfsScrubAction Read(YamlMapping yaml)
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
