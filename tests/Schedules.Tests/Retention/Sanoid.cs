using System.Diagnostics;
using System.Globalization;
using System.Text;
using Fleet.Testing;

namespace Fleet.Schedules.Tests.Retention;

/// <summary>
/// The choice of sanoid itself, from Debian's package as test.sh unpacks it. It reads the list of snapshots from its cache file, so that no
/// ZFS is needed, and by the machine's own clock.
/// </summary>
internal static class Sanoid
{
    private const string Dataset = "tank/data";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
    private static readonly string Package = Path.Combine(Repository.Root, "artifacts/tools/sanoid");

    /// <summary>Every type that sanoid knows: its defaults keep some, so those that are not asked about are set to 0.</summary>
    private static readonly string[] Types = ["frequently", "hourly", "daily", "weekly", "monthly", "yearly"];

    /// <summary>Of these snapshots, all of one type, those that sanoid would destroy. Unit of instants: whole seconds.</summary>
    /// <param name="type">hourly, daily, weekly, monthly or yearly.</param>
    /// <param name="count">What sanoid.conf says for that type.</param>
    public static async Task<DateTimeOffset[]> PrunesAsync(string type, int count, IReadOnlyList<DateTimeOffset> snapshots)
    {
        var folder = Directory.CreateTempSubdirectory("fleet-sanoid-").FullName;
        try
        {
            var script = await PrepareAsync(folder, type, count, snapshots);
            var output = await RunAsync(
                "/usr/bin/perl",
                script,
                "--prune-snapshots",
                "--readonly",
                "--verbose",
                "--force-prune",
                $"--configdir={folder}",
                $"--cache-dir={folder}",
                $"--run-dir={folder}");
            var names = snapshots.ToDictionary(at => $"{Dataset}@{Name(type, at)}");
            return
            [
                .. output.Split('\n')
                    .Where(static line => line.StartsWith($"INFO: pruning {Dataset}@", StringComparison.Ordinal))
                    .Select(line => names[line.Split(' ')[2]])
                    .Order(),
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> PrepareAsync(string folder, string type, int count, IReadOnlyList<DateTimeOffset> snapshots)
    {
        // The package's file of defaults is not where the program expects it.
        var program = await File.ReadAllTextAsync(Path.Combine(Package, "usr/sbin/sanoid"));
        var defaults = Path.Combine(Package, "usr/share/sanoid/sanoid.defaults.conf");
        var script = Path.Combine(folder, "sanoid");
        await File.WriteAllTextAsync(script, program.Replace("/usr/share/sanoid/sanoid.defaults.conf", defaults, StringComparison.Ordinal));

        var configuration = new StringBuilder($"[{Dataset}]\nautosnap = no\nautoprune = yes\n");
        foreach (var each in Types)
        {
            configuration.Append(CultureInfo.InvariantCulture, $"{each} = {(each == type ? count : 0)}\n");
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "sanoid.conf"), configuration.ToString());
        await File.WriteAllTextAsync(
            Path.Combine(folder, "snapshots.txt"),
            string.Concat(snapshots.Select(at => $"{Dataset}@{Name(type, at)}\tcreation\t{at.ToUnixTimeSeconds()}\t-\n")));
        return script;
    }

    private static string Name(string type, DateTimeOffset at) => $"autosnap_{at.UtcDateTime:yyyy-MM-dd_HH:mm:ss}_{type}";

    private static async Task<string> RunAsync(params string[] command)
    {
        using var process = Process.Start(
            new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        using var limit = new CancellationTokenSource(Timeout);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, await errors);
        return await output;
    }
}
