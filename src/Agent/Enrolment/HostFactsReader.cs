using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Fleet.Agent.Metrics;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Enrolment;

/// <summary>Reads what a host is. A file that is missing leaves its field empty: facts are for people, nothing depends on them.</summary>
internal sealed class HostFactsReader(HostPaths paths, IToolRunner tools)
{
    private static readonly TimeSpan ToolTimeout = TimeSpan.FromSeconds(5);

    public async Task<HostFacts> ReadAsync(CancellationToken cancellationToken) => new()
    {
        OperatingSystem = OperatingSystemName(),
        Kernel = FirstLine(paths.Proc("sys/kernel/osrelease")),
        Architecture = System.Runtime.InteropServices.RuntimeInformation.OSArchitecture switch
        {
            System.Runtime.InteropServices.Architecture.X64 => "x86_64",
            System.Runtime.InteropServices.Architecture.Arm64 => "aarch64",
            var other => other.ToString().ToLowerInvariant(),
        },
        MachineIdHash = MachineIdHash(),
        Virtualization = await VirtualizationAsync(cancellationToken),
        Cpus = Environment.ProcessorCount,
        MemoryBytes = MemoryBytes(),
    };

    public string BootId() => FirstLine(paths.Proc("sys/kernel/random/boot_id"));

    private string OperatingSystemName()
    {
        foreach (var line in Lines(paths.Etc("os-release")))
        {
            if (line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))
            {
                return line["PRETTY_NAME=".Length..].Trim('"');
            }
        }

        return "";
    }

    // machine-id(5): "should not be exposed in untrusted environments ... hashed with a cryptographic, keyed hash function".
    private string MachineIdHash()
    {
        var id = FirstLine(paths.Etc("machine-id"));
        return id.Length == 0 ? "" : Convert.ToHexStringLower(HMACSHA256.HashData("fleet"u8, Encoding.ASCII.GetBytes(id)));
    }

    private long MemoryBytes()
    {
        foreach (var line in Lines(paths.Proc("meminfo")))
        {
            if (line.StartsWith("MemTotal:", StringComparison.Ordinal)
                && long.TryParse(line["MemTotal:".Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var kibibytes))
            {
                return kibibytes * 1024;
            }
        }

        return 0;
    }

    // systemd-detect-virt(1) prints "none" and exits with 1 when there is none.
    private async Task<string> VirtualizationAsync(CancellationToken cancellationToken)
    {
        var output = new FirstLineOutput();
        await tools.RunAsync(new ToolRequest { Program = "systemd-detect-virt", Timeout = ToolTimeout }, output, cancellationToken);
        return output.Line;
    }

    private static string FirstLine(string path) => Lines(path).FirstOrDefault() ?? "";

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (IOException)
        {
            return [];
        }
        catch (UnauthorizedAccessException)
        {
            return [];
        }
    }
}
