using System.Collections.Concurrent;
using Fleet.Agent.Tools;

namespace Fleet.Agent.Tests.Tools;

/// <summary>
/// Answers exactly the command lines that were recorded, with what the tool printed then; a command line that was not is a failed
/// test. <see cref="Hang"/> makes one wait as if the kernel never let it go.
/// </summary>
internal sealed class RecordedTools : IToolRunner
{
    private readonly Dictionary<string, Recording> _answers = [];
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly TaskCompletionSource _hang = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RecordedTools(IEnumerable<Recording> recordings)
    {
        foreach (var recording in recordings)
        {
            Answer(recording);
        }
    }

    /// <summary>Part of a command line.</summary>
    public string? Hang { get; set; }

    public IReadOnlyList<string> Asked => [.. _asked];

    /// <summary>From now on the recorded command is answered like this.</summary>
    public void Answer(Recording recording) => _answers[recording.Command] = recording;

    public void LetGo() => _hang.SetResult();

    public string? Find(string tool) => $"/usr/sbin/{tool}";

    public async Task<ToolResult> RunAsync(ToolRequest request, IToolOutput output, CancellationToken cancellationToken)
    {
        var command = Line(request);
        _asked.Enqueue(command);
        if (Hang is { } hang && command.Contains(hang, StringComparison.Ordinal))
        {
            await _hang.Task;
        }

        Assert.True(_answers.TryGetValue(command, out var recording), $"not recorded: {command}");
        recording.Play(output);
        return new ToolResult { Name = request.Program, End = ToolEnd.Exited, ExitCode = recording.Exit };
    }

    /// <summary>As tests/rig/recording.sh writes it.</summary>
    public static string Line(ToolRequest request) =>
        string.Join(
            ' ',
            request
                .Environment.Select(e => $"{e.Key}={e.Value}")
                .Prepend("LC_ALL=C")
                .Append(request.Program)
                .Concat(request.Arguments.Select(a => Quote(a.ToString()))));

    private static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "_@%+=:,./#-".Contains(c, StringComparison.Ordinal))
            ? word
            : $"'{word}'";
}
