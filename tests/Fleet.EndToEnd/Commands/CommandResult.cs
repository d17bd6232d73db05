using System.Text;

namespace Fleet.EndToEnd.Commands;

/// <summary>What a finished process left behind. Output stays bytes: file names need not be UTF-8.</summary>
internal sealed record CommandResult(string Description, int ExitCode, byte[] Output, string Errors)
{
    /// <summary>The output as text, without the last line end.</summary>
    public string Text => Encoding.UTF8.GetString(Output).TrimEnd('\n');

    /// <exception cref="InvalidOperationException">The exit code is not 0; the message holds all that was printed.</exception>
    public CommandResult OrThrow() => ExitCode == 0
        ? this
        : throw new InvalidOperationException($"exit code {ExitCode} of: {Description}\n{Text}\n{Errors}".TrimEnd());
}
