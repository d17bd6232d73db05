using Fleet.EndToEnd.Commands;
using Fleet.EndToEnd.Machines;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Google.Protobuf;

namespace Fleet.EndToEnd.Story;

/// <summary>The installed <c>fleet</c> on the coordinator's machine, as root there uses it, with answers read from its JSON.</summary>
internal sealed class FleetCommandLine(Machine machine)
{
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <summary>Runs a command that must succeed, and gives what it printed.</summary>
    public async Task<string> RunAsync(params string[] arguments) => (await machine.RunAsync(["fleet", .. arguments])).Text;

    /// <summary>Runs a command whatever its exit code.</summary>
    public Task<CommandResult> TryAsync(params string[] arguments) => machine.TryAsync(Command.DefaultTimeout, ["fleet", .. arguments]);

    public async Task<IReadOnlyList<Run>> RunsAsync(params string[] filter) =>
        [.. (await ReadAsync<ListRunsResponse>(["runs", "--limit", "100000", .. filter])).Runs];

    public async Task<Run> RunAsync(string id) => (await RunsAsync()).Single(run => run.RunId == id);

    public async Task<Host> HostAsync(string name) =>
        (await ReadAsync<ListHostsResponse>("hosts")).Hosts.Single(host => host.Name == name);

    public Task<GetStatusResponse> StatusAsync() => ReadAsync<GetStatusResponse>("status");

    /// <summary>Applies a policy from its YAML.</summary>
    public async Task ApplyAsync(string yaml)
    {
        const string File = "/root/policy.yaml";
        await System.IO.File.WriteAllTextAsync(machine.Root + File, yaml);
        await RunAsync("apply", "-f", File);
    }

    /// <summary>Starts a policy on a host, and gives the run.</summary>
    public async Task<Run> StartAsync(string policy, string host) =>
        (await ReadAsync<StartRunResponse>("run", policy, "--host", host, "--no-follow")).Runs.Single();

    /// <summary>Waits until a run is in one of the states.</summary>
    public Task<Run> WaitAsync(string id, TimeSpan timeout, params RunState[] states) => Eventually.GetAsync(
        $"run {id} is {string.Join(" or ", states)}", timeout,
        async () => await FindAsync(id) is { } run && states.Contains(run.State) ? run : null,
        async () => $"{await FindAsync(id)}\n{(await TryAsync("status")).Text}");

    /// <summary>The run; null while the coordinator does not answer.</summary>
    private async Task<Run?> FindAsync(string id)
    {
        var answer = await TryAsync("--json", "runs", "--limit", "100000");
        return answer.ExitCode == 0 ? Parser.Parse<ListRunsResponse>(answer.Text).Runs.SingleOrDefault(run => run.RunId == id) : null;
    }

    private async Task<T> ReadAsync<T>(params string[] arguments)
        where T : IMessage, new() => Parser.Parse<T>(await RunAsync(["--json", .. arguments]));
}
