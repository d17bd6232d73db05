using System.Globalization;
using System.Text;
using Fleet.Agent.Actions;
using Fleet.Agent.Actions.Rsync;
using Fleet.Agent.Actions.Rsync.Ownership;
using Fleet.Agent.Edge;
using Fleet.Agent.Files;
using Fleet.Agent.Guard;
using Fleet.Agent.Host;
using Fleet.Agent.Retention;
using Fleet.Agent.Tools;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.ActionBench;

/// <summary>One case, plain and through the action, in alternating order.</summary>
internal static class Comparison
{
    private static readonly ToolRunner Tools = new(TimeProvider.System);

    // Neither is asked for copies and mirrors: nothing is thinned here.
    private static readonly string State = Directory.CreateTempSubdirectory("fleet-action-bench-").FullName;
    private static readonly RsyncTransfer Action = new(
        new RetentionClock(new ClockMemoryFile(Path.Join(State, "clock.json")), new HostPaths(), TimeProvider.System, () => true),
        new VersionFolders(Path.Join(State, "version-folders")),
        () => HostAssignment.None);

    /// <param name="fresh">Into an empty destination; otherwise nothing has changed since the last time.</param>
    public static async Task RunAsync(string root, string tree, RsyncMode mode, bool fresh, int rounds)
    {
        var source = Path.Join(root, tree);

        // One each: in a shared one, plain rsync deletes the owner's marker of the action, which then has more to do than in one night
        // after another.
        var (plainDestination, destination) = (Path.Join(root, "plain"), Path.Join(root, "destination"));
        List<Cost> plain = [];
        List<Cost> through = [];

        // The first round warms caches up and does not count.
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var usesAction in round % 2 == 0 ? new[] { false, true } : [true, false])
            {
                if (fresh)
                {
                    Remove(usesAction ? destination : plainDestination);
                }

                var started = Cost.Now();
                await (usesAction ? ThroughActionAsync(source, destination, mode) : PlainAsync(source, plainDestination, mode));
                if (round > 0)
                {
                    (usesAction ? through : plain).Add(Cost.Now() - started);
                }
            }
        }

        var (a, b) = (Cost.Median(plain), Cost.Median(through));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{tree,-5} {mode,-7} {(fresh ? "fresh    " : "unchanged")} plain {a.Time.TotalMilliseconds,8:F1} ms   action {b.Time.TotalMilliseconds,8:F1} ms   ratio {b.Time / a.Time:F3}   "
            + $"CPU {a.Cpu.TotalMilliseconds,6:F0} and {b.Cpu.TotalMilliseconds,6:F0} ms, ratio {b.Cpu / a.Cpu:F3}   "
            + $"spread of plain {plain.Min(c => c.Time).TotalMilliseconds:F0} to {plain.Max(c => c.Time).TotalMilliseconds:F0} ms"));
        Remove(plainDestination);
        Remove(destination);
    }

    private static void Remove(string tree)
    {
        if (Directory.Exists(tree))
        {
            Directory.Delete(tree, recursive: true);
        }
    }

    private static Task PlainAsync(string source, string destination, RsyncMode mode) => mode == RsyncMode.Mirror
        ? Plain.RunAsync("/usr/bin/rsync", "-a", "--delete-delay", source + "/", destination + "/")
        : Plain.RunAsync("/usr/bin/rsync", "-a", source + "/", destination + "/");

    private static async Task ThroughActionAsync(string source, string destination, RsyncMode mode)
    {
        var rsync = new RsyncAction
        {
            Mode = mode,
            Source = new RsyncEndpoint { Path = ByteString.CopyFromUtf8(source) },
            Destination = new RsyncEndpoint { Path = ByteString.CopyFromUtf8(destination) },
        };
        // As the agent does for each run: what the guard allowed is open.
        using var guard = new GuardDecision
        {
            Allowed = true,
            Rule = "bench",
            Message = "",
            Source = GuardedPath.OfThisHost(Encoding.UTF8.GetBytes(source)),
            Destination = GuardedPath.OfThisHost(Encoding.UTF8.GetBytes(destination)),
        };
        var result = await Action.RunAsync(
            new ActionContext
            {
                RunId = RunId.Parse(Guid.NewGuid().ToString("N")),
                Attempt = 1,
                HostId = "bench",
                FleetId = "bench",
                HostName = "bench",
                Policy = "bench",
                Action = new Protocol.V1.Action { Rsync = rsync },
                ScheduledAt = TimeProvider.System.GetUtcNow(),
                Timeout = TimeSpan.FromHours(1),
                Log = new Discard(),
                Tools = Tools,
                Guard = guard,
                Time = TimeProvider.System,
            },
            CancellationToken.None);
        if (result.Outcome != ActionOutcome.Succeeded)
        {
            throw new InvalidOperationException(result.ToString());
        }
    }

    private sealed class Discard : IRunLog
    {
        public void Line(LogStream stream, ReadOnlySpan<byte> text, bool truncated = false)
        {
        }

        public void Say(string text)
        {
        }

        public void Progress(RunProgress progress)
        {
        }
    }
}
