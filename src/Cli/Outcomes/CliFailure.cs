namespace Fleet.Cli.Outcomes;

/// <summary>Why a command failed: what was wrong, where, and what to do.</summary>
/// <param name="ExitCode">One of <see cref="Outcomes.ExitCode"/>.</param>
/// <param name="Message">One sentence.</param>
/// <param name="WhatToDo">Empty if there is nothing to do but try again.</param>
internal sealed record CliFailure(int ExitCode, string Message, string WhatToDo = "")
{
    /// <summary>Further lines, one per problem, for example refused fields with file and line.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];
}
