using System.Diagnostics;

namespace Fleet.Agent.Tests.Actions.Zfs;

/// <summary>A pool of its own in a file, for machines that have ZFS and are there to be tested on: tests/rig/check-zfs.</summary>
public sealed class RealPool : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fleet-pool-").FullName;

    public RealPool()
    {
        if (Environment.GetEnvironmentVariable("FLEET_TEST_ZFS") != "1")
        {
            Directory.Delete(_folder);
            Assert.Skip("makes pools, which only a machine with FLEET_TEST_ZFS=1 is asked to: tests/rig/check-zfs");
        }

        Shell($"truncate -s 512M '{_folder}/disk' && zpool create -O compression=off -O mountpoint={_folder}/mnt {Name} '{_folder}/disk'");
    }

    public string Name { get; } = $"fleettest{Guid.NewGuid():N}"[..20];

    /// <summary>The file that is its only device.</summary>
    public string Disk => $"{_folder}/disk";

    /// <summary>Where its file systems are mounted.</summary>
    public string MountPoint => $"{_folder}/mnt";

    /// <summary>Runs a shell line and gives what it prints, without the last line end.</summary>
    public static string Shell(string line)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", line]) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(5)), line);
        Assert.True(process.ExitCode == 0, $"exit {process.ExitCode}: {line}\n{output}");
        return output.TrimEnd('\n');
    }

    public void Dispose()
    {
        Shell($"zpool destroy -f {Name}; rm -rf --one-file-system '{_folder}'");
    }
}
