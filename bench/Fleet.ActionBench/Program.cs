using System.Globalization;
using System.Runtime.InteropServices;
using Fleet.ActionBench;
using Fleet.Protocol.V1;

// rsync through the agent's action beside plain rsync, on the same trees. Both run in turn, in one process, several times;
// the medians are compared. Prints figures; asserts nothing about time. Arguments: rounds, folder, and the trees, few or many
// (default: 7, /dev/shm, both).
var rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 7;
var parent = args.Length > 1 ? args[1] : "/dev/shm";
var trees = args.Length > 2 ? args[2..] : ["many", "few"];
var root = Directory.CreateDirectory(Path.Join(parent, $"fleet-bench-{Environment.ProcessId}")).FullName;
try
{
    var version = (await Plain.OutputAsync("/usr/bin/rsync", "--version")).Split('\n')[0];
    var cpu = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(": ")[^1];
    Console.WriteLine($"{cpu}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, {version}, {parent}");

    foreach (var tree in trees)
    {
        var (files, bytes) = tree == "many" ? (40_000, 2_000) : (6, 100_000_000);
        Trees.Many(Path.Join(root, tree), files, bytes);
        foreach (var mode in new[] { RsyncMode.Copy, RsyncMode.Mirror })
        {
            await Comparison.RunAsync(root, tree, mode, fresh: true, rounds);
        }

        await Comparison.RunAsync(root, tree, RsyncMode.Mirror, fresh: false, rounds);
    }
}
finally
{
    Directory.Delete(root, recursive: true);
}
