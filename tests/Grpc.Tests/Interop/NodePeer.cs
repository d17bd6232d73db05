using System.Diagnostics;

namespace Fleet.Grpc.Tests.Interop;

/// <summary><c>@grpc/grpc-js</c> of npm, at the versions of the lock file.</summary>
internal sealed class NodePeer : Peer
{
    private static readonly string Scripts = Path.Combine(Sources, "Interop", "node");
    private static readonly string Installed = Path.Combine(Cache, "node");

    /// <summary>Its server can't compress: BaseServerInterceptingCall.serializeMessage always writes the flag 0.</summary>
    public override ServerAbilities Abilities { get; } = new(SeesRequestCompression: true, CompressesResponses: false);

    protected override async Task PrepareAsync()
    {
        var wanted = await File.ReadAllTextAsync(Path.Combine(Scripts, "package-lock.json"));
        var marker = Path.Combine(Installed, "installed-lock.json");
        if (File.Exists(marker) && await File.ReadAllTextAsync(marker) == wanted)
        {
            return;
        }

        Directory.CreateDirectory(Installed);
        foreach (var name in (string[])["package.json", "package-lock.json", ".npmrc"])
        {
            File.Copy(Path.Combine(Scripts, name), Path.Combine(Installed, name), overwrite: true);
        }

        await PrepareWithAsync(Command("npm", Installed, "ci", "--ignore-scripts", "--no-audit", "--no-fund"), "nodejs npm");
        await File.WriteAllTextAsync(marker, wanted);
    }

    protected override ProcessStartInfo Client(int port, string name) =>
        Node("client.js", port.ToString(System.Globalization.CultureInfo.InvariantCulture), name);

    protected override ProcessStartInfo Server() => Node("server.js");

    private static ProcessStartInfo Node(params string[] arguments)
    {
        var info = WithoutProxy(Command("node", Scripts, arguments));
        info.Environment["NODE_PATH"] = Path.Combine(Installed, "node_modules");
        info.Environment["INTEROP_PROTOS"] = Path.Combine(Sources, "Protos");
        return info;
    }
}
