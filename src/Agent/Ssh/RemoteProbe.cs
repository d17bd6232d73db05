using Fleet.Agent.Logging;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Ssh;

/// <summary>
/// Looks once more where ssh's lines do not tell: what the other side's shell prints, and whether the key file has a passphrase. Asks
/// only what changes nothing: it runs true(1) there, and reads the public half of the key here.
/// </summary>
internal sealed class RemoteProbe(IToolRunner tools)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(45);

    /// <summary>The same reason, or what was found out.</summary>
    public async Task<FailureReason> RefineAsync(FailureReason reason, SshRemote? ssh, CancellationToken cancellationToken) =>
        (reason.Kind, ssh) switch
        {
            (FailureKind.ShellPrints or FailureKind.ClosedInSilence, not null) => await AskShellAsync(reason, ssh, cancellationToken),
            (FailureKind.NotLetIn, { IdentityFile.Length: > 0 }) => await AskKeyAsync(reason, ssh.IdentityFile, cancellationToken),
            _ => reason,
        };

    private async Task<FailureReason> AskShellAsync(FailureReason reason, SshRemote ssh, CancellationToken cancellationToken)
    {
        var output = new FirstLines();
        var result = await tools.RunAsync(
            new ToolRequest { Program = "ssh", Arguments = SshCommand.Probe(ssh), Timeout = Timeout }, output, cancellationToken);
        if (result is not { End: ToolEnd.Exited, ExitCode: { } exitCode } || exitCode == SshCommand.ConnectionFailed)
        {
            return reason;
        }

        var host = LogText.Escape(ssh.Host);
        var account = ssh.User.Length > 0 ? $"{LogText.Escape(ssh.User)}@{host}" : host;
        if (exitCode != 0)
        {
            var said = output.Stdout ?? output.Stderr;
            return new(
                FailureKind.NoShell,
                $"{account} does not run commands for this host: asked to run true, it ended with exit code {exitCode} and said "
                    + $"{(said is null ? "nothing" : $"\"{said}\"")}",
                "the account needs a shell, or the command that is tied to the key must allow rsync");
        }

        return output.Stdout is { } printed
            ? reason with { What = $"the shell of {account} prints text where only the tool's output may appear: \"{printed}\"" }
            : reason;
    }

    private async Task<FailureReason> AskKeyAsync(FailureReason reason, string file, CancellationToken cancellationToken)
    {
        var output = new FirstLines();
        var result = await tools.RunAsync(new ToolRequest
        {
            Program = "ssh-keygen",
            Arguments = ["-y", "-P", "", "-f", file],
            Timeout = Timeout
        }, output, cancellationToken);
        return result is { End: ToolEnd.Exited, ExitCode: not 0 }
            && output.Stderr == $"Load key \"{file}\": incorrect passphrase supplied to decrypt private key"
            ? new(
                FailureKind.KeyFileUnusable,
                $"ssh cannot use the key file {LogText.Escape(file)}, because it is protected by a passphrase, which nobody can enter here",
                $"use another key, or remove the passphrase: ssh-keygen -p -f {LogText.Escape(file)}")
            : reason;
    }

    /// <summary>The first line of each stream that is not empty, at most 200 characters, safe to show.</summary>
    private sealed class FirstLines : IToolOutput
    {
        public string? Stdout { get; private set; }

        public string? Stderr { get; private set; }

        public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
        {
            if (line.IsEmpty)
            {
                return;
            }

            var text = LogText.Escape(line[..Math.Min(line.Length, 200)]);
            if (stream == LogStream.Stderr)
            {
                Stderr ??= text;
            }
            else
            {
                Stdout ??= text;
            }
        }
    }
}
