using System.Diagnostics;
using System.Globalization;
using Fleet.EndToEnd.Commands;
using Fleet.EndToEnd.Network;
using Fleet.Testing;

namespace Fleet.EndToEnd.Machines;

/// <summary>
/// One Debian machine with systemd as its process 1, in systemd-nspawn(1), on a throw-away layer over the shared root
/// file system. Commands run inside through nsenter(1): the machines are not registered anywhere.
/// </summary>
internal sealed class Machine : IAsyncDisposable
{
    /// <summary>Begins every name that machines leave on the host, so that leftovers can be found.</summary>
    public const string NamePrefix = "fleet-e2e-";

    private static readonly TimeSpan BootTimeout = TimeSpan.FromSeconds(120);
    private readonly string _folder;
    private readonly Process _nspawn;

    private Machine(string name, string address, string folder, Process nspawn)
    {
        Name = name;
        Address = address;
        _folder = folder;
        _nspawn = nspawn;
    }

    /// <summary>The host name inside.</summary>
    public string Name { get; }

    /// <summary>The address on the test's network.</summary>
    public string Address { get; }

    /// <summary>The machine's root folder, seen from this machine.</summary>
    public string Root => Path.Combine(_folder, "root");

    private int Leader { get; set; }

    /// <summary>Boots a machine and waits until its systemd is done with starting.</summary>
    /// <param name="name">Host name, and name of the cable.</param>
    /// <param name="number">Last part of the address.</param>
    /// <param name="root">What the machine starts from.</param>
    /// <param name="folder">Where its own files go.</param>
    /// <param name="network">The network that it is plugged into.</param>
    /// <param name="options">More options for systemd-nspawn.</param>
    public static async Task<Machine> BootAsync(
        string name, int number, RootFileSystem root, string folder, TestNetwork network, params string[] options)
    {
        var space = await network.PlugAsync(name, number);
        foreach (var part in (string[])["root", "upper", "work"])
        {
            Directory.CreateDirectory(Path.Combine(folder, part));
        }
        await Command.RunAsync(
            "mount", "-t", "overlay", NamePrefix + name, "-o",
            $"lowerdir={root.Path},upperdir={folder}/upper,workdir={folder}/work", $"{folder}/root");

        // An empty machine-id lets --uuid decide; so every machine has its own.
        await File.WriteAllTextAsync(Path.Combine(folder, "root/etc/machine-id"), "");
        // What Debian's installer would have written; mmdebstrap copies this machine's name.
        await File.WriteAllTextAsync(Path.Combine(folder, "root/etc/hostname"), name + "\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "root/etc/hosts"), $"127.0.0.1 localhost\n127.0.1.1 {name}\n");
        List<string> arguments =
        [
            "systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit", "--console=pipe", "--link-journal=no",
            "--resolv-conf=off", "--timezone=off", $"--directory={folder}/root", $"--machine={NamePrefix}{name}",
            $"--hostname={name}", $"--uuid={Guid.NewGuid():N}", $"--network-namespace-path={space}", .. options,
        ];
        var machine = new Machine(name, TestNetwork.Address(number), folder, Spawn(name, folder, arguments));
        machine.Leader = await machine.FindLeaderAsync();
        await machine.WaitForBootAsync();
        return machine;
    }

    /// <summary>Runs a program inside, which must succeed.</summary>
    public Task<CommandResult> RunAsync(params string[] arguments) => RunAsync(Command.DefaultTimeout, arguments);

    /// <inheritdoc cref="RunAsync(string[])"/>
    public async Task<CommandResult> RunAsync(TimeSpan timeout, params string[] arguments) =>
        (await TryAsync(timeout, arguments)).OrThrow();

    /// <summary>Runs a shell script inside, which must succeed.</summary>
    public Task<CommandResult> ShellAsync(string script) => RunAsync("sh", "-euc", script);

    /// <summary>Runs a program inside, whatever its exit code. One that takes too long is killed inside.</summary>
    public Task<CommandResult> TryAsync(TimeSpan timeout, params string[] arguments) => Command.RunAsync(
        [
            "nsenter", "--target", Leader.ToString(CultureInfo.InvariantCulture),
            "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd", "--",
            "env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8",
            "TERM=dumb", "DEBIAN_FRONTEND=noninteractive",
            "timeout", "--kill-after=5", timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture), .. arguments,
        ],
        timeout + TimeSpan.FromSeconds(15));

    /// <summary>The last lines of the machine's journal, for messages about failures.</summary>
    public async Task<string> JournalAsync(string unit, int lines = 40)
    {
        var journal = await TryAsync(
            Command.DefaultTimeout, "journalctl", "--no-pager", "-o", "short-precise", "-n", $"{lines}", "-u", unit);
        return $"journal of {unit} on {Name}:\n{journal.Text}";
    }

    /// <summary>Cuts the power: nothing inside is asked.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Leader != 0)
        {
            await Command.RunAsync(["kill", "-KILL", $"{Leader}"], Command.DefaultTimeout);
        }
        if (!_nspawn.WaitForExit(TimeSpan.FromSeconds(20)))
        {
            _nspawn.Kill(entireProcessTree: true);
        }
        _nspawn.Dispose();
        await Command.RunAsync(["umount", "--lazy", Root], Command.DefaultTimeout);
        ControlGroup.Remove(NamePrefix + Name);
    }

    private static Process Spawn(string name, string folder, IEnumerable<string> arguments)
    {
        // The shell moves itself into the machine's control groups and then becomes systemd-nspawn.
        var enter = string.Concat(ControlGroup.Folders(NamePrefix + name).Select(
            group => $"mkdir -p '{group}' && echo $$ > '{group}/cgroup.procs' && "));
        var start = new ProcessStartInfo("sh");
        foreach (var argument in (string[])["-c", $"{enter} exec \"$@\" </dev/null >'{folder}/console.log' 2>&1", "sh", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }
        return Process.Start(start)!;
    }

    /// <summary>The process that is number 1 inside.</summary>
    private async Task<int> FindLeaderAsync()
    {
        var leader = await Eventually.GetAsync($"{Name} has a process 1", BootTimeout, () =>
        {
            if (_nspawn.HasExited)
            {
                throw new InvalidOperationException($"{Name} did not start:\n{File.ReadAllText(Path.Combine(_folder, "console.log"))}");
            }
            return Task.FromResult(ProcessTable.FirstProcessUnder(_nspawn.Id) is int id ? (object)id : null);
        });
        return (int)leader;
    }

    private async Task WaitForBootAsync() =>
        await Eventually.HoldsAsync($"{Name} is up", BootTimeout, async () =>
        {
            var state = await TryAsync(BootTimeout, "systemctl", "is-system-running", "--wait");
            return state.Text is "running" or "degraded";
        });
}
