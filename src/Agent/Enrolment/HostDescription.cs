using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Fleet.Agent.Host;
using Fleet.Agent.Logging;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Enrolment;

/// <summary>What a host is and which tools it has.</summary>
internal sealed class HostDescription(HostPaths paths, IToolRunner tools, TimeProvider time)
{
    // A reconnect must not wait for a handful of programs each time.
    private static readonly TimeSpan RememberTools = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan ToolTimeout = TimeSpan.FromSeconds(5);
    private static readonly (string Name, string[] VersionArguments)[] KnownTools =
    [
        ("rsync", ["--version"]),
        ("ssh", ["-V"]),
        ("zfs", ["version"]),
        ("lvm", ["version"]),
        ("restic", ["version"]),
    ];

    private HostFacts? _facts;
    private List<Tool>? _tools;
    private long _toolsAt;

    /// <summary>Changes with each boot; empty when the kernel does not say.</summary>
    public static string BootId(HostPaths paths) => ReadText(paths.Proc("sys/kernel/random/boot_id")).Trim();

    public async Task<HostFacts> FactsAsync(CancellationToken cancellationToken) => _facts ??= new HostFacts
    {
        OperatingSystem = OperatingSystemName(),
        Kernel = ReadText(paths.Proc("sys/kernel/osrelease")).Trim(),
        Architecture = (await FirstLineAsync("uname", ["-m"], cancellationToken)) ?? "",
        MachineIdHash = MachineIdHash(),
        Virtualization = (await FirstLineAsync("systemd-detect-virt", [], cancellationToken)) ?? "",
        Cpus = Environment.ProcessorCount,
        MemoryBytes = MemoryBytes(),
    };

    /// <summary>Those that are installed.</summary>
    public async Task<IReadOnlyList<Tool>> ToolsAsync(CancellationToken cancellationToken)
    {
        if (_tools is { } known && time.GetElapsedTime(_toolsAt) < RememberTools)
        {
            return known;
        }

        List<Tool> found = [];
        foreach (var (name, arguments) in KnownTools)
        {
            if (tools.Find(name) is { } path)
            {
                found.Add(new Tool
                {
                    Name = name,
                    Path = path,
                    Version = ToolVersion.In(await FirstLineAsync(path, arguments, cancellationToken) ?? "")
                });
            }
        }

        (_tools, _toolsAt) = (found, time.GetTimestamp());
        return found;
    }

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private string OperatingSystemName()
    {
        var line = ReadText(paths.Etc("os-release")).Split('\n').FirstOrDefault(
            l => l.StartsWith("PRETTY_NAME=", StringComparison.Ordinal));
        return line is null ? "" : LogText.Escape(line["PRETTY_NAME=".Length..].Trim().Trim('"'));
    }

    private string MachineIdHash()
    {
        var id = ReadText(paths.Etc("machine-id")).Trim();
        return id.Length == 0 ? "" : Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(id + "fleet")));
    }

    private long MemoryBytes()
    {
        var fields = ReadText(paths.Proc("meminfo")).Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length >= 2 && long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var kibibytes)
            ? kibibytes * 1024
            : 0;
    }

    private async Task<string?> FirstLineAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        var output = new FirstLine();
        var request = new ToolRequest
        {
            Program = program,
            Arguments = [.. arguments.Select(a => (ToolArgument)a)],
            Timeout = ToolTimeout,
            MaxLineBytes = 256,
            Grace = TimeSpan.FromSeconds(1)
        };
        _ = await tools.RunAsync(request, output, cancellationToken);
        return output.Text;
    }

    private sealed class FirstLine : IToolOutput
    {
        public string? Text { get; private set; }

        public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
        {
            if (Text is null && !line.IsEmpty)
            {
                Text = LogText.Escape(line).Trim();
            }
        }
    }
}
