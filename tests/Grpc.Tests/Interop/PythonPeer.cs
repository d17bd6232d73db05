using System.Diagnostics;

namespace Fleet.Grpc.Tests.Interop;

/// <summary><c>python3-grpcio</c> of Debian, with messages that Debian's protoc generates.</summary>
internal sealed class PythonPeer : Peer
{
    private const string Python = "/usr/bin/python3";
    private static readonly string Scripts = Path.Combine(Sources, "Interop", "python");
    private static readonly string Generated = Path.Combine(Cache, "python");

    /// <summary>grpcio has no way to see whether a request came compressed.</summary>
    public override ServerAbilities Abilities { get; } = new(SeesRequestCompression: false, CompressesResponses: true);

    protected override Task PrepareAsync()
    {
        Directory.CreateDirectory(Generated);

        // The folder of the protos is the root: under their package they would hide behind the library's own package "grpc".
        var protos = Path.Combine(Sources, "Protos", "grpc", "testing");
        return PrepareWithAsync(
            Command("/usr/bin/protoc", protos, "--proto_path=.", "--python_out=" + Generated, "empty.proto", "messages.proto"),
            "protobuf-compiler python3-grpcio");
    }

    protected override ProcessStartInfo Client(int port, string name) =>
        Start("client.py", port.ToString(System.Globalization.CultureInfo.InvariantCulture), name);

    protected override ProcessStartInfo Server() => Start("server.py");

    private static ProcessStartInfo Start(params string[] arguments)
    {
        var info = WithoutProxy(Command(Python, Scripts, arguments));
        info.Environment["PYTHONPATH"] = Generated;
        info.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        return info;
    }
}
