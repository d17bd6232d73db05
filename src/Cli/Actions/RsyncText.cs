using Fleet.Cli.Output;
using Fleet.Protocol.V1;
using Fleet.Yaml;

namespace Fleet.Cli.Actions;

/// <summary><c>rsync</c>.</summary>
internal sealed class RsyncText()
    : PolicyActionText<RsyncAction>(ActionCase.Rsync, static action => action.Rsync, static message => new() { Rsync = message })
{
    public override IReadOnlyList<(string Proto, string Yaml)> Renamed { get; } =
    [
        ("bandwidth_limit_bytes_per_second", "bandwidth_limit"),
        ("destination.required_mount", "destination.mount"),
        ("source.required_mount", "source.mount"),
        ("excludes", "exclude"),
        ("includes", "include"),
        ("source.single_file", "source.file"),
        .. RetentionReader.Renamed,
        ("retention", "keep"),
    ];

    public override IEnumerable<(string Name, Cell Value)> ResultFacts(ActionResult result, bool isDryRun) =>
        // In a dry run, rsync counts as if it had done the work.
        result.Rsync is not { } rsync || isDryRun ? [] :
        [
            ("files", $"{rsync.Files}; {rsync.FilesTransferred} transferred, {rsync.FilesCreated} created, {rsync.FilesDeleted} deleted"),
            ("size", $"{HumanText.Bytes(rsync.TotalBytes)}; {HumanText.Bytes(rsync.TransferredBytes)} transferred"),
            ("over the wire", $"{HumanText.Bytes(rsync.SentBytes)} sent, {HumanText.Bytes(rsync.ReceivedBytes)} received"),
            ("new tree", TerminalText.SafePath(rsync.VersionPath)),
        ];

    protected override string Words(RsyncAction rsync) =>
        $"rsync {HumanText.Words(rsync.Mode)}: {Endpoint(rsync.Source)} -> {Endpoint(rsync.Destination)}";

    protected override IEnumerable<(string Name, Cell Value)> PolicyFacts(RsyncAction rsync) =>
    [
        ("includes", string.Join(", ", rsync.Includes)),
        ("excludes", string.Join(", ", rsync.Excludes)),
        ("bandwidth", Bandwidth(rsync.BandwidthLimitBytesPerSecond)),
        ("keeps", rsync.KeepVersions > 0 ? HumanText.Count(rsync.KeepVersions, "version") : RetentionText.Of(rsync.Retention)),
    ];

    protected override RsyncAction Read(YamlMapping yaml) => RsyncReader.Read(yaml);

    // Already safe; escaping it again does no harm, since escapes are plain ASCII.
    private static string Endpoint(RsyncEndpoint? endpoint)
    {
        if (endpoint is null)
        {
            return "?";
        }

        var path = TerminalText.SafePath(endpoint.Path);
        return endpoint.RemoteCase switch
        {
            RsyncEndpoint.RemoteOneofCase.Ssh => $"{At(endpoint.Ssh.User)}{endpoint.Ssh.Host}:{path}",
            RsyncEndpoint.RemoteOneofCase.Daemon =>
                $"rsync://{At(endpoint.Daemon.User)}{endpoint.Daemon.Host}/{endpoint.Daemon.Module}/{path.TrimStart('/')}",
            _ => path,
        };
    }
}
