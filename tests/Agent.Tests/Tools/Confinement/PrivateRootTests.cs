using System.Text;
using Fleet.Agent.Files;
using Fleet.Agent.Tools;
using Fleet.Agent.Tools.Confinement;

namespace Fleet.Agent.Tests.Tools.Confinement;

/// <summary>What a confined tool sees: a shell looks around.</summary>
public sealed class PrivateRootTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<OpenPath> _open = [];

    public PrivateRootTests()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        foreach (var name in new[] { "source/deep", "source/state", "destination", "outside" })
        {
            Directory.CreateDirectory(_folder.File(name));
        }

        _folder.Write("source/deep/file", "content");
        _folder.Write("source/state/key", "secret");
        _folder.Write("source/password", "secret");
        _folder.Write("outside/file", "secret");
        File.CreateSymbolicLink(_folder.File("source/out"), _folder.File("outside"));
        File.CreateSymbolicLink(_folder.File("source/up"), "../../outside/file");
    }

    public void Dispose()
    {
        _open.ForEach(o => o.Dispose());
        _folder.Dispose();
    }

    [Fact]
    public async Task Trees_AreAllThatIsSeen()
    {
        Assert.Equal("content", await LookAsync("cat source/deep/file"));
        Assert.Equal("destination source", await LookAsync("echo $(ls)"));
        Assert.Equal("", await LookAsync("cat /etc/shadow /etc/fleet/* /proc/1/environ /root/* /home/* 2>/dev/null; ls /proc 2>/dev/null"));
        Assert.Equal("no", await LookAsync("[ -e /dev/sda ] || [ -e /dev/mem ] || [ -e /.fleet/ns ] && echo yes || echo no"));
    }

    [Fact]
    public async Task Source_IsReadOnly_AndDestinationIsNot()
    {
        await LookAsync("echo x >source/new; echo x >source/deep/file; rm source/deep/file; chmod 777 source; echo x >/new; echo x >/usr/new; echo x >destination/new");

        Assert.Equal("content", File.ReadAllText(_folder.File("source/deep/file")));
        Assert.False(File.Exists(_folder.File("source/new")) || File.Exists("/usr/new") || File.Exists("/new"));
        Assert.Equal("x\n", File.ReadAllText(_folder.File("destination/new")));
    }

    [Fact]
    public async Task Link_OutOfATree_LeadsToNothing()
    {
        Assert.Equal("", await LookAsync("cat source/out/file source/up 2>/dev/null"));

        // One that was made while the tool runs, too, and in the tree that it may write.
        Assert.Equal("", await LookAsync($"ln -s {_folder.File("outside")} destination/out; echo x >destination/out/written 2>/dev/null; cat destination/out/file 2>/dev/null"));
        Assert.False(File.Exists(_folder.File("outside/written")));
    }

    [Fact]
    public async Task Hidden_FolderAndFile_AreEmpty()
    {
        Assert.Equal("", await LookAsync("ls -A source/state; cat source/state/key source/password 2>/dev/null"));
        Assert.Equal("directory 0", await LookAsync("stat -c %F source/state | tr '\\n' ' '; stat -c %s source/password"));
        await LookAsync("echo x >source/state/new; echo x >source/password");
        Assert.Equal("secret", File.ReadAllText(_folder.File("source/password")));
        Assert.Equal([_folder.File("source/state/key")], Directory.GetFileSystemEntries(_folder.File("source/state")));
    }

    [Fact]
    public async Task WholeHost_ShowsNeitherProcNorWhatIsHidden()
    {
        ConfinedTree[] trees = [Tree("/", writable: false), Tree(_folder.File("destination"), writable: true)];

        Assert.Equal("content", await LookAsync("cat source/deep/file", trees));
        Assert.Equal(
            "",
            await LookAsync(
                "ls -A source/state; cat source/state/key source/password 2>/dev/null; ls -d /proc/[0-9]* /proc/self 2>/dev/null",
                trees));
        Assert.Equal("same", await LookAsync("cmp -s /etc/passwd /etc/passwd && [ -r /etc/shadow ] && echo same", trees));
        await LookAsync("echo x >destination/new; echo x >source/new; echo x >/new; umount source/state; umount /proc", trees);
        Assert.Equal("x\n", File.ReadAllText(_folder.File("destination/new")));
        Assert.False(File.Exists(_folder.File("source/new")) || File.Exists("/new"));

        // The host itself is as it was.
        Assert.Equal("secret", File.ReadAllText(_folder.File("source/state/key")));
        Assert.True(Directory.Exists("/proc/self"));
    }

    /// <summary>What a shell prints that sees the two folders, or other trees, with the state and the password hidden.</summary>
    private async Task<string> LookAsync(string script, params ConfinedTree[] trees)
    {
        var output = new RecordingOutput();
        var request = new ToolRequest
        {
            Program = "/usr/bin/sh",
            Arguments = ["-c", $"cd {_folder.Path}; {script}; :"],
            Timeout = TimeSpan.FromSeconds(60),
            Confinement = new ToolConfinement
            {
                Trees =
                    trees.Length > 0
                        ? trees
                        : [Tree(_folder.File("source"), writable: false), Tree(_folder.File("destination"), writable: true)],
                Hidden =
                [
                    Encoding.UTF8.GetBytes(_folder.File("source/state")),
                    Encoding.UTF8.GetBytes(_folder.File("source/password")),
                    Encoding.UTF8.GetBytes(_folder.File("source/nosuch")),
                ],
            },
        };
        var result = await new ToolRunner(TimeProvider.System).RunAsync(request, output, TestContext.Current.CancellationToken);
        Assert.True(result.Succeeded, result.Message);
        return string.Join('\n', output.Lines.Where(l => l.Stream == Protocol.V1.LogStream.Stdout).Select(l => l.Text));
    }

    private ConfinedTree Tree(string path, bool writable)
    {
        var opened = OpenPath.Folder(Encoding.UTF8.GetBytes(path));
        _open.Add(opened);
        return new ConfinedTree(opened, Encoding.UTF8.GetBytes(path), writable);
    }
}
