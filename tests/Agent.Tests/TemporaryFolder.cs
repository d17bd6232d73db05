using Fleet.Agent.Storage;

namespace Fleet.Agent.Tests;

/// <summary>A private folder that goes with its test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("fleet-agent-tests-").FullName;

    public string File(string name) => System.IO.Path.Join(Path, name);

    public string Write(string name, string content)
    {
        var path = File(name);
        System.IO.File.WriteAllText(path, content);
        System.IO.File.SetUnixFileMode(path, DurableFile.PrivateFile);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
