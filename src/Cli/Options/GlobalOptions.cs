using System.CommandLine;

namespace Fleet.Cli.Options;

/// <summary>Options that every command takes.</summary>
internal sealed class GlobalOptions
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(15);

    public Option<string?> Address { get; } = new("--address")
    {
        Description = "Address of the coordinator, https://host:port, instead of the credential's own. Default port 7443.",
        HelpName = "URL",
        Recursive = true,
    };

    public Option<string?> Credential { get; } = new("--credential")
    {
        Description = "Credential file. Default: $FLEET_CREDENTIAL, then ~/.config/fleet/credential.json, then on the coordinator's "
            + "machine the first admin's.",
        HelpName = "FILE",
        Recursive = true,
    };

    public Option<TimeSpan?> Timeout { get; } = Durations.Option(
        "--timeout",
        "Longest wait for one answer. Default 15s. Streams that follow something are not limited.",
        TimeSpan.FromMilliseconds(1),
        TimeSpan.FromHours(1),
        recursive: true);

    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Print JSON for programs: one document, or one per line when following something.",
        Recursive = true,
    };
}
