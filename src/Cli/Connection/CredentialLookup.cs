using Fleet.Cli.Outcomes;
using Fleet.Cli.ProcessEnvironment;

namespace Fleet.Cli.Connection;

/// <summary>
/// Finds the credential: named on the command line, by $FLEET_CREDENTIAL, in the home directory, or, on the coordinator's machine, the
/// first admin's.
/// </summary>
internal static class CredentialLookup
{
    private const int LargestFile = 1024 * 1024;

    public static Outcome<Credential> Find(CliEnvironment environment, string? named)
    {
        if (!string.IsNullOrEmpty(named))
        {
            return Read(named, "--credential");
        }

        if (environment.Variable("FLEET_CREDENTIAL") is { Length: > 0 } fromVariable)
        {
            return Read(fromVariable, "$FLEET_CREDENTIAL");
        }

        var own = Path.Combine(environment.HomeDirectory, ".config", "fleet", "credential.json");
        foreach (var candidate in new[] { own, environment.AdminCredentialFile })
        {
            if (Exists(candidate))
            {
                return Read(candidate, "");
            }
        }

        return new CliFailure(
            ExitCode.NotPermitted,
            $"no credential: neither --credential nor $FLEET_CREDENTIAL is set, and {own} does not exist",
            $"put your credential there, or run this as root on the coordinator's machine, where {environment.AdminCredentialFile} is");
    }

    // A file in a directory that we may not enter looks missing; to anybody but root, the coordinator's directory is one.
    private static bool Exists(string file) => File.Exists(file);

    private static Outcome<Credential> Read(string file, string because)
    {
        var source = because.Length > 0 ? $" (from {because})" : "";
        try
        {
            var info = new FileInfo(file);
            if (!info.Exists)
            {
                return new CliFailure(ExitCode.NotPermitted, $"{file}{source}: no such credential file", "check the path");
            }

            if (info.Length > LargestFile)
            {
                return new CliFailure(ExitCode.NotPermitted, $"{file}{source}: too large for a credential file", "check the path");
            }

            var read = Credential.Parse(File.ReadAllBytes(file), file);
            return read.Value is { } credential && Open(info.UnixFileMode)
                ? credential with { Warning = $"warning: others can read {file}: chmod 600 {file}" }
                : read;
        }
        catch (UnauthorizedAccessException)
        {
            return new CliFailure(
                ExitCode.NotPermitted,
                $"{file}{source}: permission denied",
                "run this as the user that owns it, or give another credential with --credential");
        }
        catch (IOException e)
        {
            return new CliFailure(ExitCode.NotPermitted, $"{file}{source}: {e.Message}", "check the path");
        }
    }

    private static bool Open(UnixFileMode mode) => (mode & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != 0;
}
