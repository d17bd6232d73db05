using System.Xml.Linq;
using Fleet.Testing;

namespace Fleet.Coordinator.Tests.Hosting;

/// <summary>The packages that Fleet is built on are referenced, and do work.</summary>
public sealed class PackagesTests
{
    [Theory]
    [InlineData("Microsoft.Orleans.Server", "src/Coordinator", ".UseOrleans(")]
    [InlineData("Microsoft.Orleans.Reminders", "src/Coordinator", ".AddReminders(")]
    [InlineData("Grpc.AspNetCore", "src/Coordinator", ".MapGrpcService<")]
    [InlineData("Grpc.AspNetCore.Server.Reflection", "src/Coordinator", ".MapGrpcReflectionService(")]
    [InlineData("Grpc.Net.Client", "src/Agent", "GrpcChannel.ForAddress(")]
    [InlineData("Grpc.Net.Client", "src/Cli", "GrpcChannel.ForAddress(")]
    [InlineData("Google.Protobuf", "src/Protocol", "using Google.Protobuf;")]
    [InlineData("Microsoft.Extensions.Hosting.Systemd", "src/Coordinator", "new ServiceState(")]
    [InlineData("Npgsql", "src/Coordinator", "new NpgsqlConnection(")]
    [InlineData("LiteDB", "src/Agent", "new LiteEngine(")]
    [InlineData("Mono.Posix.NETStandard", "src/Agent", "using Mono.Unix.Native;")]
    [InlineData("OpenTelemetry", "src/Coordinator", "Sdk.CreateTracerProviderBuilder(")]
    [InlineData("OpenTelemetry.Exporter.OpenTelemetryProtocol", "src/Coordinator", ".AddOtlpExporter(")]
    [InlineData("xunit.v3", "tests/Coordinator.Tests", "[Theory]")]
    public void Package_IsReferencedAndInUse(string package, string folder, string use)
    {
        var root = Repository.Root;
        var projects = Directory.GetFiles(Path.Combine(root, folder), "*.csproj").Append(Path.Combine(root, "Directory.Build.targets"));
        Assert.Contains(projects, path =>
            XDocument.Load(path).Descendants("PackageReference").Any(reference => (string?)reference.Attribute("Include") == package));
        Assert.Contains(Directory.EnumerateFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories), path =>
            File.ReadAllText(path).Contains(use, StringComparison.Ordinal));
    }
}
