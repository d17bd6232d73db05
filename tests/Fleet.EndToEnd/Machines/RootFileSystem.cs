using System.Security.Cryptography;
using System.Text;
using Fleet.EndToEnd.Commands;

namespace Fleet.EndToEnd.Machines;

/// <summary>
/// The Debian system that every machine starts from, made by mmdebstrap(1) from the mirror that this machine's own apt
/// uses, and kept between runs under a name that is a hash of the recipe. Delete the folder to take newer packages.
/// </summary>
internal sealed class RootFileSystem
{
    private const string Suite = "bookworm";

    // What a small server has, and what the packages under test depend on: the machines have no way to a mirror.
    private static readonly string[] Packages =
    [
        "systemd", "systemd-sysv", "dbus", "init-system-helpers", "iproute2", "procps", "ca-certificates", "tzdata",
        "libssl3", "libstdc++6", "libsqlite3-0", "rsync", "openssh-client",
    ];

    // Nothing of the system's own may start in the middle of a story.
    private static readonly string[] MaskedUnits =
    [
        "apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "e2scrub_reap.service",
        "fstrim.timer", "console-getty.service", "getty.target", "systemd-networkd-wait-online.service",
    ];

    private RootFileSystem(string path) => Path = path;

    /// <summary>The folder, to be used read-only.</summary>
    public string Path { get; }

    public static async Task<RootFileSystem> EnsureAsync(string cacheFolder)
    {
        var recipe = string.Join(' ', [Suite, .. Packages, .. MaskedUnits]);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(recipe)))[..16];
        var path = System.IO.Path.Combine(cacheFolder, $"{Suite}-{hash}");
        if (!Directory.Exists(path))
        {
            await BuildAsync(path);
        }
        return new RootFileSystem(path);
    }

    private static async Task BuildAsync(string path)
    {
        var unfinished = path + ".new";
        await Command.RunAsync("rm", "-rf", unfinished);
        List<string> arguments =
        [
            "mmdebstrap", "--quiet", "--mode=root", "--format=directory", "--variant=minbase", "--skip=cleanup/apt",
            "--include=" + string.Join(',', Packages),
            $"--customize-hook=systemctl --root=\"$1\" mask {string.Join(' ', MaskedUnits)}",
            Suite, unfinished, .. await SourcesAsync(),
        ];
        (await Command.RunAsync(arguments, TimeSpan.FromMinutes(10))).OrThrow();
        Directory.Move(unfinished, path);
    }

    /// <summary>The archives of the suite, as this machine's apt knows them, as lines of sources.list(5).</summary>
    private static async Task<IReadOnlyList<string>> SourcesAsync()
    {
        var sources = await KnownSourcesAsync();
        if (sources.Count == 0)
        {
            (await Command.RunAsync(["apt-get", "update", "-q"], TimeSpan.FromMinutes(5))).OrThrow();
            sources = await KnownSourcesAsync();
        }
        return sources.Count > 0
            ? sources
            : throw new InvalidOperationException($"this machine's apt knows no source for Debian {Suite}: add one to /etc/apt");
    }

    private static async Task<IReadOnlyList<string>> KnownSourcesAsync()
    {
        var targets = await Command.RunAsync(
            "apt-get", "indextargets", "--format", "$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)", "Created-By: Packages");
        return [.. targets.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('|'))
            .Where(field => field is ["Debian", _, _, _] && field[2].StartsWith(Suite, StringComparison.Ordinal))
            .Select(field => $"deb {field[1]} {field[2]} {field[3]}")
            .Distinct()];
    }
}
