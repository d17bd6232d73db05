using Fleet.EndToEnd.Commands;

namespace Fleet.EndToEnd.Machines;

/// <summary>What an earlier run left behind because it was killed: removed before the next one starts.</summary>
internal static class Leftovers
{
    public static async Task RemoveAsync(string runFolder)
    {
        foreach (var nspawn in ProcessTable.WithArgument($"--machine={Machine.NamePrefix}"))
        {
            if (ProcessTable.FirstProcessUnder(nspawn) is int leader)
            {
                await Command.RunAsync(["kill", "-KILL", $"{leader}"], Command.DefaultTimeout);
            }
            await Command.RunAsync(["kill", "-KILL", $"{nspawn}"], Command.DefaultTimeout);
        }

        foreach (var mount in await MountsUnderAsync(runFolder))
        {
            await Command.RunAsync("umount", "--lazy", mount);
        }

        foreach (var hierarchy in ControlGroup.Folders("").Where(Directory.Exists))
        {
            foreach (var group in Directory.GetDirectories(hierarchy, Machine.NamePrefix + "*"))
            {
                ControlGroup.Remove(Path.GetFileName(group));
            }
        }

        if (Directory.Exists(runFolder))
        {
            await Command.RunAsync("rm", "-rf", "--one-file-system", runFolder);
        }
    }

    private static async Task<IReadOnlyList<string>> MountsUnderAsync(string folder)
    {
        var mounts = await File.ReadAllLinesAsync("/proc/self/mounts");
        return
        [
            .. mounts.Select(line => line.Split(' ')[1]).Where(path => path.StartsWith(folder + "/", StringComparison.Ordinal)).Reverse(),
        ];
    }
}
