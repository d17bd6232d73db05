namespace Fleet.Agent.Tools;

/// <summary>What came of a tool that had a deadline.</summary>
/// <param name="Message">
/// One sentence, safe to show; for <see cref="ToolAnswerKind.Failed"/> only good where the tool wrote nothing to stderr.
/// </param>
/// <param name="ExitCode">For <see cref="ToolAnswerKind.Failed"/>.</param>
internal readonly record struct ToolAnswer(ToolAnswerKind Kind, string Message, int? ExitCode = null);
