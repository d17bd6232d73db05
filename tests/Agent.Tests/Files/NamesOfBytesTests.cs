using System.Text;
using Fleet.Agent.Files;
using Fleet.Agent.Metrics.Collectors;
using Fleet.Agent.Tests.Actions;
using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Tools;
using Mono.Unix;

namespace Fleet.Agent.Tests.Files;

/// <summary>Names that are no text, each beside the name that a decoder of text takes it for.</summary>
public sealed class NamesOfBytesTests : IDisposable
{
    private readonly OpenPath _root;
    private readonly byte[] _path;

    public NamesOfBytesTests()
    {
        _path = FileFacts.Canonical(Encoding.UTF8.GetBytes(Directory.CreateTempSubdirectory("fleet-agent-tests-").FullName), out _)!;
        _root = OpenPath.Folder(_path);
    }

    /// <summary>Not UTF-8; the halves of a surrogate pair, each encoded alone; a character of five bytes; half a character.</summary>
    public static TheoryData<string, string> Twins => new()
    {
        { "61FFFE62", "61EFBFBDEFBFBD62" },
        { "EDA080EDB080", "F0908080" },
        { "F883B79F9C", "F3B79F9C" },
        { "61C3", "61" },
    };

    public void Dispose()
    {
        _root.Dispose();
        Run("rm", "-r"u8.ToArray(), _path); // .NET cannot: it reads names as text.
    }

    [Theory]
    [MemberData(nameof(Twins))]
    public void Folder_OfEachName_IsItself(string name, string twin)
    {
        byte[] a = Convert.FromHexString(name), b = Convert.FromHexString(twin);
        Assert.True(_root.TryMakeFolder(a, 0x1C0)); // 0700
        Assert.True(_root.TryMakeFolder(b, 0x140)); // 0500
        Assert.NotEqual(_root.FolderInode(a), _root.FolderInode(b));
        Assert.Equal(0x41C0, FileFacts.Look(At(a))!.Value.Mode);
        Assert.Equal(0x4140, FileFacts.Look(At(b))!.Value.Mode);
        Assert.Equal(At(a), FileFacts.Canonical(At(a), out _));
        using (var opened = OpenPath.Folder(At(a)))
        {
            Assert.Equal(_root.FolderInode(a), opened.Inode);
            Assert.Equal(At(a), opened.CurrentPath());
        }

        _root.RemoveFolder(b);
        Assert.Equal(0, StatVfs.Read(At(a)).Error);
        Assert.Equal(2, StatVfs.Read(At(b)).Error);
        var inode = _root.FolderInode(a);
        _root.Rename(a, b);
        Assert.Null(_root.FolderInode(a));
        Assert.Equal(inode, _root.FolderInode(b));
    }

    [Theory]
    [MemberData(nameof(Twins))]
    public void Link_OfEachName_LeadsWhereItLeads(string name, string twin)
    {
        byte[] a = Convert.FromHexString(name), b = Convert.FromHexString(twin);
        Run("ln", "-s"u8.ToArray(), b, At(a));
        Assert.Equal(b, FileFacts.LinkTarget(At(a)));
        Assert.Null(FileFacts.LinkTarget(At(b)));
        Run("ln", "-s"u8.ToArray(), a, At(b));
        Assert.Equal(a, FileFacts.LinkTarget(At(b)));
    }

    /// <summary>Why names do not go through Mono.Posix. When this fails, they can.</summary>
    [Fact]
    public void UnixEncoding_TakesOneNameForAnother() =>
        Assert.Equal(
            "F0908080",
            Convert.ToHexString(UnixEncoding.Instance.GetBytes(UnixEncoding.Instance.GetString(Convert.FromHexString("EDA080EDB080")))));

    private byte[] At(byte[] name) => [.. _path, (byte)'/', .. name];

    private static void Run(string program, params byte[][] arguments)
    {
        var request = new ToolRequest { Program = program, Arguments = [.. arguments.Select(a => new ToolArgument(a))] };
        var result = TestRun.Tools.RunAsync(request, new RecordingOutput(), default).GetAwaiter().GetResult();
        Assert.True(result.Succeeded, result.Message);
    }
}
