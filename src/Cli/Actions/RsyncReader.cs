using Fleet.Protocol.V1;
using Fleet.Yaml;
using Google.Protobuf;

namespace Fleet.Cli.Actions;

/// <summary>Reads the <c>rsync</c> part of a policy.</summary>
internal static class RsyncReader
{
    public static RsyncAction Read(YamlMapping yaml)
    {
        var rsync = new RsyncAction
        {
            Source = ReadEndpoint(yaml, "source"),
            Destination = ReadEndpoint(yaml, "destination"),
            Mode = ReadMode(yaml),
            BandwidthLimitBytesPerSecond = yaml.SizeBytes("bandwidth_limit", 1024, long.MaxValue) ?? 0,
            MaxDelete = yaml.Integer("max_delete", 1, long.MaxValue) ?? 0,
            HardLinks = yaml.Boolean("hard_links") ?? false,
            AclsAndXattrs = yaml.Boolean("acls_and_xattrs") ?? false,
            Checksum = yaml.Boolean("checksum") ?? false,
            NumericIds = yaml.Boolean("numeric_ids") ?? false,
            MinSourceEntries = yaml.Integer("min_source_entries", 0, long.MaxValue) ?? 0,
            OneFileSystem = yaml.Boolean("one_file_system") ?? false,
            DryRun = yaml.Boolean("dry_run") ?? false,
            KeepVersions = (int)(yaml.Integer("keep_versions", 1, int.MaxValue) ?? 0),
            Sparse = yaml.Boolean("sparse") ?? false,
            DeleteExcluded = yaml.Boolean("delete_excluded") ?? false,
            RsyncPath = yaml.String("rsync_path") ?? "",
            KeepIncomplete = yaml.Boolean("keep_incomplete") ?? false,
        };
        if (yaml.Integer("min_percent_of_last", 0, 100) is { } least)
        {
            rsync.MinPercentOfLast = (int)least;
        }

        if (RetentionReader.ReadOptional(yaml) is { } retention)
        {
            rsync.Retention = retention;
            if (yaml.Has("keep_versions"))
            {
                yaml.Problem("keep_versions", "cannot be combined with keep: only one of them can say which trees stay");
            }
        }

        rsync.Includes.Add(yaml.Strings("include"));
        rsync.Excludes.Add(yaml.Strings("exclude"));
        yaml.RefuseUnknown();
        return rsync;
    }

    private static RsyncMode ReadMode(YamlMapping yaml)
    {
        if (!yaml.Has("mode"))
        {
            yaml.Problem("mode", "is required: copy, mirror or versions");
            return RsyncMode.Unspecified;
        }

        switch (yaml.String("mode"))
        {
            case "copy":
                return RsyncMode.Copy;
            case "mirror":
                return RsyncMode.Mirror;
            case "versions":
                return RsyncMode.Versions;
            case null:
                return RsyncMode.Unspecified;
            default:
                yaml.Problem("mode", "must be copy (update, delete nothing), mirror (make equal) or versions (a dated tree per run)");
                return RsyncMode.Unspecified;
        }
    }

    // Just a path, or a mapping with a path and where it is.
    private static RsyncEndpoint ReadEndpoint(YamlMapping yaml, string key)
    {
        var endpoint = new RsyncEndpoint();
        switch (yaml.Kind(key))
        {
            case YamlKind.Absent:
                yaml.Problem(key, "is required: a path, or a mapping with path and mount, ssh or daemon");
                break;
            case YamlKind.Mapping when yaml.Mapping(key) is { } mapping:
                ReadMapping(mapping, endpoint, key);
                break;
            default:
                endpoint.Path = ReadPath(yaml, key);
                if (RemoteForms.OfPath(endpoint.Path.ToStringUtf8()) is { } meant)
                {
                    yaml.Problem(key, $"is on another host, which is written as a mapping: {key}: {meant}");
                }

                break;
        }

        return endpoint;
    }

    private static void ReadMapping(YamlMapping yaml, RsyncEndpoint endpoint, string key)
    {
        // Without a path, the whole module of a daemon is meant.
        if (!yaml.Has("path") && !yaml.Has("daemon"))
        {
            yaml.Problem("path", "is required");
        }

        endpoint.Path = ReadPath(yaml, "path");
        if (RemoteForms.OfPath(endpoint.Path.ToStringUtf8()) is { } meant)
        {
            yaml.Problem("path", $"also names the host, which has a key of its own: {meant}");
        }

        endpoint.RequiredMount = ReadPath(yaml, "mount");
        if (key == "source")
        {
            endpoint.SingleFile = yaml.Boolean("file") ?? false;
        }

        var ssh = yaml.Mapping("ssh");
        var daemon = yaml.Mapping("daemon");
        if (ssh is not null && daemon is not null)
        {
            yaml.Problem("daemon", "cannot be combined with ssh: only one of them can say where the path is");
        }

        if (ssh is not null)
        {
            endpoint.Ssh = SshReader.Read(ssh);
        }

        if (daemon is not null)
        {
            endpoint.Daemon = new RsyncDaemonRemote
            {
                Host = SshReader.ReadHost(daemon),
                Port = (int)(daemon.Integer("port", 1, SshReader.LargestPort) ?? 0),
                Module = daemon.RequiredString("module"),
                User = daemon.String("user") ?? "",
                PasswordFile = daemon.String("password_file") ?? "",
            };
            if (daemon.Has("password"))
            {
                daemon.Problem(
                    "password",
                    "does not belong in a policy: put it in a file on the host that only root can read, and give its path as "
                        + "password_file");
            }

            daemon.RefuseUnknown();
        }

        yaml.RefuseUnknown();
    }

    private static ByteString ReadPath(YamlMapping yaml, string key)
    {
        var bytes = yaml.Bytes(key);
        if (bytes is { Length: 0 })
        {
            yaml.Problem(key, "must not be empty");
        }
        else if (bytes is not null && bytes.AsSpan().Contains((byte)0))
        {
            yaml.Problem(key, "must not contain a zero byte: Linux paths cannot");
        }

        return bytes is null ? ByteString.Empty : ByteString.CopyFrom(bytes);
    }
}
