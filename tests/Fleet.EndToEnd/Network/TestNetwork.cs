using Fleet.EndToEnd.Commands;

namespace Fleet.EndToEnd.Network;

/// <summary>
/// A bridge in a network namespace of its own, and a namespace with one end of a cable for each machine. Nothing of it
/// touches this machine's own network, and no machine reaches anything else.
/// </summary>
internal sealed class TestNetwork : IAsyncDisposable
{
    /// <summary>The namespace of the bridge: programs of the test that talk to the machines run in it.</summary>
    public const string Hub = "fleet-e2e";

    private const string Bridge = "bridge";
    private readonly List<string> _plugged = [];

    public static async Task<TestNetwork> CreateAsync()
    {
        await RemoveLeftoversAsync();
        await Command.RunAsync("ip", "netns", "add", Hub);
        await Command.RunAsync("ip", "-n", Hub, "link", "set", "lo", "up");
        await Command.RunAsync("ip", "-n", Hub, "link", "add", Bridge, "type", "bridge");
        await Command.RunAsync("ip", "-n", Hub, "addr", "add", Address(1) + "/24", "dev", Bridge);
        await Command.RunAsync("ip", "-n", Hub, "link", "set", Bridge, "up");
        return new TestNetwork();
    }

    /// <summary>The address of the machine with this number; 1 is the test itself.</summary>
    public static string Address(int number) => $"10.88.0.{number}";

    /// <summary>Makes a namespace for a machine and plugs it into the bridge.</summary>
    /// <returns>The path of the namespace.</returns>
    public async Task<string> PlugAsync(string machine, int number)
    {
        var space = Space(machine);
        await Command.RunAsync("ip", "netns", "add", space);
        _plugged.Add(machine);
        await Command.RunAsync("ip", "-n", Hub, "link", "add", machine, "type", "veth", "peer", "name", "eth0", "netns", space);
        await Command.RunAsync("ip", "-n", Hub, "link", "set", machine, "master", Bridge, "up");
        await Command.RunAsync("ip", "-n", space, "link", "set", "lo", "up");
        await Command.RunAsync("ip", "-n", space, "addr", "add", Address(number) + "/24", "dev", "eth0");
        await Command.RunAsync("ip", "-n", space, "link", "set", "eth0", "up");
        return "/run/netns/" + space;
    }

    /// <summary>Pulls the machine's cable out: packets vanish, and nobody is told.</summary>
    public static Task CutAsync(string machine) => Command.RunAsync("ip", "-n", Hub, "link", "set", machine, "nomaster");

    /// <summary>Puts the cable back.</summary>
    public static Task MendAsync(string machine) => Command.RunAsync("ip", "-n", Hub, "link", "set", machine, "master", Bridge);

    public async ValueTask DisposeAsync()
    {
        foreach (var machine in _plugged)
        {
            await Command.RunAsync(["ip", "netns", "del", Space(machine)], Command.DefaultTimeout);
        }
        await Command.RunAsync(["ip", "netns", "del", Hub], Command.DefaultTimeout);
    }

    private static string Space(string machine) => $"{Hub}-{machine}";

    private static async Task RemoveLeftoversAsync()
    {
        var spaces = await Command.RunAsync("ip", "netns", "list");
        foreach (var space in spaces.Text.Split('\n').Select(line => line.Split(' ')[0]))
        {
            if (space == Hub || space.StartsWith(Hub + "-", StringComparison.Ordinal))
            {
                await Command.RunAsync("ip", "netns", "del", space);
            }
        }
    }
}
