using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Tools;

namespace Fleet.Agent.Tests.Runs;

/// <summary>A real file system of a few MiB. Skips the test where mounting is not allowed.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Path => _folder.Path;

    public static async Task<SmallDisk> MountAsync(int sizeMebibytes)
    {
        var disk = new SmallDisk();
        var result = await Run("mount", "-t", "tmpfs", "-o", $"size={sizeMebibytes}m", "tmpfs", disk.Path);
        if (!result.Succeeded)
        {
            disk._folder.Dispose();
            Assert.Skip("mounting a tmpfs is not allowed here");
        }

        return disk;
    }

    public void Fill()
    {
        using var file = new FileStream(_folder.File("ballast"), FileMode.Create, FileAccess.Write, FileShare.None, 0);
        var block = new byte[512];
        try
        {
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    public void MakeRoom() => File.Delete(_folder.File("ballast"));

    public void Dispose()
    {
        Run("umount", "-l", Path).GetAwaiter().GetResult();
        _folder.Dispose();
    }

    private static Task<ToolResult> Run(string program, params string[] arguments) =>
        new ToolRunner(TimeProvider.System).RunAsync(
            new ToolRequest { Program = program, Arguments = [.. arguments.Select(a => (ToolArgument)a)] }, new RecordingOutput(), default);
}
