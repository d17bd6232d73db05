using System.Diagnostics;
using System.Text.Json;
using Fleet.EndToEnd.Commands;
using Fleet.EndToEnd.Network;
using Fleet.EndToEnd.Packages;

namespace Fleet.EndToEnd.Story;

/// <summary>
/// A subscriber that has nothing of ours but the proto files: Debian's python3-grpcio with messages that protoc made,
/// over TLS with a bearer token. It writes down every event, and begins after the last one when it loses the stream.
/// </summary>
internal sealed class EventFollower : IDisposable
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNameCaseInsensitive = true };
    private readonly Process _process;
    private readonly string _record;

    private EventFollower(Process process, string record)
    {
        _process = process;
        _record = record;
    }

    /// <param name="credential">The operator's credential file.</param>
    /// <param name="address">Host and port of the coordinator.</param>
    /// <param name="folder">For the generated messages and the record.</param>
    public static async Task<EventFollower> StartAsync(string credential, string address, string folder)
    {
        var generated = Path.Combine(folder, "generated");
        Directory.CreateDirectory(generated);
        var protos = Path.Combine(PackageBuild.RepositoryRoot, "proto");
        var files = Directory.GetFiles(Path.Combine(protos, "fleet/v1"), "*.proto");
        await Command.RunAsync(["/usr/bin/protoc", $"--proto_path={protos}", "--proto_path=/usr/include", $"--python_out={generated}", .. files]);

        var record = Path.Combine(folder, "events.jsonl");
        var script = Path.Combine(PackageBuild.RepositoryRoot, "tests/Fleet.EndToEnd/Story/follow_events.py");
        var start = new ProcessStartInfo("ip");
        foreach (var argument in (string[])["netns", "exec", TestNetwork.Hub, "/usr/bin/python3", script, address, credential, record])
        {
            start.ArgumentList.Add(argument);
        }
        start.Environment["PYTHONPATH"] = generated;
        // A proxy of this machine's is not a way into the test's network.
        start.Environment["no_grpc_proxy"] = "*";
        return new EventFollower(Process.Start(start)!, record);
    }

    /// <summary>All events that were written down so far, in the order of their arrival.</summary>
    public async Task<IReadOnlyList<FollowedEvent>> ReadAsync()
    {
        if (!File.Exists(_record))
        {
            return [];
        }
        var text = await File.ReadAllTextAsync(_record);
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<FollowedEvent>(line, Format)!)];
    }

    /// <summary>Waits for an event.</summary>
    public Task<FollowedEvent> WaitAsync(string what, TimeSpan timeout, Func<FollowedEvent, bool> isIt) => Eventually.GetAsync(
        $"an event: {what}", timeout,
        async () => (await ReadAsync()).FirstOrDefault(isIt),
        async () => string.Join('\n', (await ReadAsync()).TakeLast(30)));

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
    }
}
