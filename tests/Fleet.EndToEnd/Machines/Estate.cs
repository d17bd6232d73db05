using Fleet.EndToEnd.Network;
using Fleet.EndToEnd.Packages;
using Fleet.Testing;

namespace Fleet.EndToEnd.Machines;

/// <summary>
/// A small server estate: a coordinator machine and two agent machines, booted and on one network, with the packages
/// beside them but not installed. Everything is removed at the end, and what a killed run left is removed at the start.
/// </summary>
public sealed class Estate : IAsyncLifetime
{
    private static readonly string CacheFolder = Path.Combine(
        Environment.GetEnvironmentVariable("FLEET_E2E_CACHE")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "fleet-e2e"));

    private static readonly TimeSpan OtherRunTimeout = TimeSpan.FromMinutes(30);
    private readonly List<Machine> _machines = [];
    private FileStream? _lock;
    private TestNetwork? _network;

    internal PackageBuild Packages { get; private set; } = null!;

    internal RootFileSystem Root { get; private set; } = null!;

    internal Machine Coordinator { get; private set; } = null!;

    internal Machine Alpha { get; private set; } = null!;

    internal Machine Beta { get; private set; } = null!;

    internal IReadOnlyList<Machine> Agents => [Alpha, Beta];

    private static string RunFolder => Path.Combine(CacheFolder, "run");

    public async ValueTask InitializeAsync()
    {
        if (Environment.UserName != "root")
        {
            throw new InvalidOperationException("the end-to-end tests boot machines and need root; ./test.sh --fast leaves them out");
        }

        Directory.CreateDirectory(CacheFolder);
        _lock = await Eventually.GetAsync("no other end-to-end run on this machine", OtherRunTimeout, () => Task.FromResult(TryLock()));
        await Leftovers.RemoveAsync(RunFolder);

        var packages = PackageBuild.RunAsync();
        Root = await RootFileSystem.EnsureAsync(CacheFolder);
        _network = await TestNetwork.CreateAsync();
        Packages = await packages;

        // One after the other: three machines that boot at once slow each other down more than they gain.
        Coordinator = await BootAsync("coordinator", 10);
        Alpha = await BootAsync("alpha", 11);
        Beta = await BootAsync("beta", 12);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var machine in _machines)
        {
            await machine.DisposeAsync();
        }
        if (_network is not null)
        {
            await _network.DisposeAsync();
        }
        if (_lock is not null)
        {
            await Leftovers.RemoveAsync(RunFolder);
            await _lock.DisposeAsync();
        }
    }

    /// <summary>Boots one machine more on the same network.</summary>
    internal async Task<Machine> BootAsync(string name, int number, params string[] options)
    {
        var machine = await Machine.BootAsync(name, number, Root, Path.Combine(RunFolder, name), _network!, options);
        _machines.Add(machine);
        return machine;
    }

    /// <summary>Puts a package onto a machine and installs it with dpkg(1).</summary>
    internal async Task InstallAsync(Machine machine, string package, bool next = false)
    {
        var file = Packages.File(package, next);
        var inside = "/root/" + Path.GetFileName(file);
        System.IO.File.Copy(file, machine.Root + inside, overwrite: true);
        await machine.RunAsync(TimeSpan.FromMinutes(3), "dpkg", "--install", inside);
    }

    private static FileStream? TryLock()
    {
        try
        {
            return new FileStream(Path.Combine(CacheFolder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
