using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Fleet.Agent.Actions.Rsync.Ownership;
using Fleet.Agent.Files;
using Fleet.Agent.Logging;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Rsync;

/// <summary>
/// Asks questions about local paths through helper processes: a path on a dead network mount hangs whoever touches it, and
/// neither a signal nor a cancellation ends that (state D).
/// </summary>
/// <param name="hung">Paths that hang. Outlives this object: each run has a tool runner of its own.</param>
internal sealed class PathProbe(IToolRunner tools, TimeProvider time, ConcurrentDictionary<string, byte> hung)
{
    /// <summary>How long a healthy disk may take, spinning up included.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly DeadlineRunner _tools = new(tools, time, hung);

    /// <summary>The path without symbolic links; its last parts need not exist.</summary>
    public async Task<Probed<byte[]>> RealPathAsync(byte[] path, CancellationToken cancellationToken)
    {
        var output = new Collected();
        var answer = await RunAsync("realpath", ["-m", "-z", "--", new ToolArgument(path)], path, output, cancellationToken);
        var text = output.Stdout.ToArray();
        return answer is not null ? new(null, answer)
            : text.Length > 1 && text[0] == '/' && text[^1] == 0 ? new(text[..^1], null)
            : new(null, $"{LogText.Escape(path)} could not be resolved: {output.FirstError}");
    }

    /// <summary>
    /// How many entries a directory holds, counting no further than <paramref name="enough"/>. "lost+found" is the disk's own and none.
    /// </summary>
    public async Task<Probed<long>> CountEntriesAsync(GuardedPath path, long enough, CancellationToken cancellationToken)
    {
        // Not disposed: a helper that was given up may still print a line much later.
        var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var output = new Collected { Enough = enough, Done = done };
        ToolArgument folder = ToolArgument.Join("", [.. path.ProcPath(), (byte)'/']);
        var answer = await RunAsync("find", [folder, "-mindepth", "1", "-maxdepth", "1", "!", "-name", "lost+found", "-printf", "x\\n"],
            path.Path, output, done.Token);
        cancellationToken.ThrowIfCancellationRequested();
        return output.Lines >= enough ? new(output.Lines, null)
            : answer is not null ? new(0, answer)
            : output.FirstError.Length > 0 ? new(0, output.FirstError)
            : new(output.Lines, null);
    }

    /// <summary>
    /// Folders a few levels below one that carry a mark of Fleet, relative to it. What cannot be inspected, or not in time, is left out.
    /// </summary>
    public async Task<IReadOnlyList<byte[]>> FindMarkedAsync(GuardedPath path, CancellationToken cancellationToken)
    {
        var output = new Collected();
        ToolArgument folder = ToolArgument.Join("", [.. path.ProcPath(), (byte)'/']);
        await RunAsync(
            "find",
            [
                folder, "-mindepth", "2", "-maxdepth", "3",
                "(", "-name", ".fleet", "-type", "d", "-o", "-name", OwnerMarker.FileName, "-type", "f", ")", "-printf", "%P\\0",
            ],
            path.Path,
            output,
            cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        byte[] found = [.. output.Stdout];
        List<byte[]> folders = [];
        foreach (var range in found.AsSpan().Split((byte)0))
        {
            if (found.AsSpan(range).LastIndexOf((byte)'/') is > 0 and var slash)
            {
                folders.Add(found.AsSpan(range)[..slash].ToArray());
            }
        }

        return folders;
    }

    /// <summary>
    /// Bytes that are free for this process on the file system of something that is open. Null if the file system does not say.
    /// </summary>
    /// <param name="path">Its path, for messages.</param>
    public async Task<Probed<long?>> FreeBytesAsync(OpenPath opened, byte[] path, CancellationToken cancellationToken)
    {
        var (words, problem) = await StatAsync(opened, path, ["-f", "-c", "%a %S %b"], cancellationToken);
        return problem is not null ? new(null, problem)
            : words.Length == 3
            && long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var blocks)
            && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? new(words[2] == "0" ? null : blocks > long.MaxValue / Math.Max(size, 1) ? long.MaxValue : blocks * size, null)
            : new(null, $"the free space of {LogText.Escape(path)} could not be read");
    }

    /// <summary>The device that the file system of something open has, the same for all of one file system, as text.</summary>
    /// <param name="path">Its path, for messages.</param>
    public async Task<Probed<string>> DeviceAsync(OpenPath opened, byte[] path, CancellationToken cancellationToken)
    {
        var (words, problem) = await StatAsync(opened, path, ["-c", "%d"], cancellationToken);
        return new(words.FirstOrDefault(), problem);
    }

    private async Task<(string[] Words, string? Problem)> StatAsync(
        OpenPath opened, byte[] path, IReadOnlyList<ToolArgument> options, CancellationToken cancellationToken)
    {
        var output = new Collected();
        ToolArgument place = $"{opened.ProcPath}{(opened.IsFolder ? "/" : "")}";
        var answer = await RunAsync("stat", [.. options, "--", place], path, output, cancellationToken);
        return answer is not null ? ([], answer)
            : output.FirstError.Length > 0 ? ([], $"{LogText.Escape(path)} could not be inspected: {output.FirstError}")
            : (Encoding.ASCII.GetString([.. output.Stdout]).Split(' ', StringSplitOptions.TrimEntries), null);
    }

    /// <returns>Null if the helper ran to its end. Otherwise why it did not.</returns>
    private async Task<string?> RunAsync(
        string tool, IReadOnlyList<ToolArgument> arguments, byte[] path, Collected output, CancellationToken cancellationToken)
    {
        var name = LogText.Escape(path);
        var request = new ToolRequest { Program = tool, Arguments = arguments, Timeout = Timeout };
        var answer = await _tools.RunAsync($"{tool} {name}", Convert.ToHexString(path), request, output, cancellationToken);
        return answer.Kind switch
        {
            ToolAnswerKind.NoAnswer => $"{name} does not answer: its mount hangs ({answer.Message})",
            ToolAnswerKind.NotStarted or ToolAnswerKind.Ended => answer.Message,
            _ => null,
        };
    }

    /// <summary>An answer, or why there is none.</summary>
    internal readonly record struct Probed<T>(T? Value, string? Problem);

    private sealed class Collected : IToolOutput
    {
        private const int MaxBytes = 64 * 1024;

        public List<byte> Stdout { get; } = [];

        public long Lines { get; private set; }

        public string FirstError { get; private set; } = "";

        public long Enough { get; init; } = long.MaxValue;

        public CancellationTokenSource? Done { get; init; }

        public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
        {
            if (stream == LogStream.Stderr)
            {
                FirstError = FirstError.Length == 0 ? LogText.Escape(line) : FirstError;
                return;
            }

            if (Enough == long.MaxValue && Stdout.Count + line.Length < MaxBytes)
            {
                // A path may hold line feeds and carriage returns: what ended the line belongs to it.
                Stdout.AddRange(line);
                if (end != LineEnd.EndOfOutput)
                {
                    Stdout.Add(end == LineEnd.CarriageReturn ? (byte)'\r' : (byte)'\n');
                }
            }

            if (++Lines == Enough)
            {
                Done?.CancelAsync();
            }
        }
    }
}
