using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Fleet.EndToEnd.Commands;
using Fleet.EndToEnd.Network;
using Fleet.Testing;

namespace Fleet.EndToEnd.Story;

/// <summary>
/// A subscriber that has nothing of ours but the proto files: Debian's python3-grpcio with messages that protoc made,
/// over TLS with a bearer token. It hears of every event, and begins after the last one when it loses the stream.
/// </summary>
internal sealed class EventFollower : IDisposable
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNameCaseInsensitive = true };
    private readonly Process _process;
    private readonly ConcurrentQueue<FollowedEvent> _events = new();

    private EventFollower(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { Length: > 0 } text)
            {
                _events.Enqueue(JsonSerializer.Deserialize<FollowedEvent>(text, Format)!);
            }
        };
        _process.BeginOutputReadLine();
    }

    /// <param name="credential">The operator's credential file.</param>
    /// <param name="address">Host and port of the coordinator.</param>
    /// <param name="folder">For the generated messages and stubs.</param>
    public static async Task<EventFollower> StartAsync(string credential, string address, string folder)
    {
        var generated = Path.Combine(folder, "generated");
        Directory.CreateDirectory(generated);
        var protos = Path.Combine(Repository.Root, "proto");
        var files = Directory.GetFiles(Path.Combine(protos, "fleet/v1"), "*.proto");
        await Command.RunAsync([
            "/usr/bin/protoc",
            $"--proto_path={protos}",
            "--proto_path=/usr/include",
            "--plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin",
            $"--python_out={generated}",
            $"--grpc_python_out={generated}",
            .. files,
        ]);

        var script = Path.Combine(Repository.Root, "docs/examples/follow_events.py");
        var start = new ProcessStartInfo("ip") { RedirectStandardOutput = true };
        foreach (var argument in (string[])["netns", "exec", TestNetwork.Hub, "/usr/bin/python3", script, address, credential])
        {
            start.ArgumentList.Add(argument);
        }
        start.Environment["PYTHONPATH"] = generated;
        // A proxy of this machine's is not a way into the test's network.
        start.Environment["no_grpc_proxy"] = "*";
        return new EventFollower(start);
    }

    /// <summary>All events so far, in the order of their arrival.</summary>
    public IReadOnlyList<FollowedEvent> Read() => [.. _events];

    /// <summary>Waits for an event.</summary>
    public Task<FollowedEvent> WaitAsync(string what, TimeSpan timeout, Func<FollowedEvent, bool> isIt) => Eventually.GetAsync(
        $"an event: {what}", timeout,
        () => Task.FromResult(_events.FirstOrDefault(isIt)),
        () => Task.FromResult(string.Join('\n', _events.TakeLast(30))));

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
    }
}
