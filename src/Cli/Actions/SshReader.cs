using Fleet.Protocol.V1;
using Fleet.Yaml;

namespace Fleet.Cli.Actions;

/// <summary>Reads the <c>ssh</c> part of anything that may be on another host.</summary>
internal static class SshReader
{
    public const int LargestPort = 65_535;

    public static SshRemote Read(YamlMapping yaml)
    {
        var ssh = new SshRemote
        {
            Host = ReadHost(yaml),
            Port = (int)(yaml.Integer("port", 1, LargestPort) ?? 0),
            User = yaml.String("user") ?? "",
            IdentityFile = yaml.String("identity_file") ?? "",
        };
        yaml.RefuseUnknown();
        return ssh;
    }

    /// <summary>Just the host: user and port have keys of their own.</summary>
    public static string ReadHost(YamlMapping yaml)
    {
        var host = yaml.RequiredString("host");
        if (RemoteForms.OfHost(host) is { } meant)
        {
            yaml.Problem("host", $"contains more than the host; user and port have keys of their own: {meant}");
        }

        return host;
    }
}
