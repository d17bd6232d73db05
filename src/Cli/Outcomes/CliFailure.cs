namespace Fleet.Cli.Outcomes;

/// <summary>Why a command did not do what it was asked: what was wrong, where, and what to do.</summary>
/// <param name="ExitCode">One of <see cref="Outcomes.ExitCode"/>.</param>
/// <param name="Message">One sentence.</param>
/// <param name="WhatToDo">Empty: nothing but to try again.</param>
internal sealed record CliFailure(int ExitCode, string Message, string WhatToDo = "")
{
    /// <summary>Further lines, one per thing that is wrong, for example refused fields with file and line.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];
}
