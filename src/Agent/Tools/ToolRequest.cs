using Fleet.Agent.Native;
using Fleet.Agent.Tools.Confinement;

namespace Fleet.Agent.Tools;

/// <summary>A process to run.</summary>
internal sealed record ToolRequest
{
    /// <summary>Name of a tool (<see cref="IToolRunner.Find"/>) or an absolute path.</summary>
    public required string Program { get; init; }

    /// <summary>argv[1..], as bytes: Linux paths need not be UTF-8. Secrets never go here: every user can read them.</summary>
    public IReadOnlyList<ToolArgument> Arguments { get; init; } = [];

    /// <summary>Added to PATH, HOME, LC_ALL=C and LANG=C; wins over them.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Absolute path.</summary>
    public string WorkingDirectory { get; init; } = "/";

    /// <summary>From start to TERM. Null for none: then the caller's token must end it.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>From TERM to KILL.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longer lines are cut here. 1 to 64 Ki.</summary>
    public int MaxLineBytes { get; init; } = 8 * 1024;

    /// <summary>What it reads: a descriptor that stays the caller's. Null for nothing, /dev/null.</summary>
    public int? StandardInput { get; init; }

    /// <summary>Where its stdout goes: a descriptor that stays the caller's. Null for the output, line by line.</summary>
    public int? StandardOutput { get; init; }

    /// <summary>What it sees of the host. Null for all of it. Confined, it starts with "/" as its working directory.</summary>
    public ToolConfinement? Confinement { get; init; }

    /// <summary>Priority of CPU and disk. Null for the runner's own.</summary>
    public ToolPriority? Priority { get; init; }

    /// <summary>Called once, on the tool's thread, right after the process exists and before any output is read.</summary>
    public Action<StartedProcess>? OnStarted { get; init; }
}
