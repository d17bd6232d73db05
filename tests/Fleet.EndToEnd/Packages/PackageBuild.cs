using Fleet.EndToEnd.Commands;
using Fleet.Testing;

namespace Fleet.EndToEnd.Packages;

/// <summary>The .deb files under test, made by packaging/build.sh from this tree.</summary>
internal sealed class PackageBuild
{
    /// <summary>The version that the upgrade goes to.</summary>
    public const string NextVersion = "99.0.0";

    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(20);
    private readonly string _folder;

    private PackageBuild(string folder) => _folder = folder;

    public static async Task<PackageBuild> RunAsync()
    {
        var folder = Path.Combine(Repository.Root, "artifacts/end-to-end-packages");
        if (Environment.GetEnvironmentVariable("FLEET_E2E_REUSE_PACKAGES") == "1" && Directory.Exists(folder))
        {
            return new PackageBuild(folder);
        }

        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        var script = Path.Combine(Repository.Root, "packaging/build.sh");
        string[] quick = ["--output", folder, "--compression", "1"];
        // Lintian is part of the first build, which fails on an error that it finds.
        (await Command.RunAsync([script, .. quick], Timeout)).OrThrow();
        (await Command.RunAsync(
                [script, .. quick, "--no-lintian", "--version", NextVersion, "--only", "fleet-agent", "--only", "fleet-coordinator"],
                Timeout)
        ).OrThrow();
        return new PackageBuild(folder);
    }

    /// <summary>The file of a package: of this tree's version, or of <see cref="NextVersion"/>.</summary>
    public string File(string package, bool next = false) => Directory.GetFiles(_folder, package + "_*.deb")
        .Single(path => path.Contains($"_{NextVersion}_", StringComparison.Ordinal) == next);
}
