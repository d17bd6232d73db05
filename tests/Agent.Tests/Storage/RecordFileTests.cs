using System.Text;
using Fleet.Agent.Storage;

namespace Fleet.Agent.Tests.Storage;

public sealed class RecordFileTests : IDisposable
{
    private static readonly string[] Texts = ["one", "", "three is longer", new string('x', 300), "five"];
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.File("records.log");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_TruncatedAtEveryByte_PrefixIsKeptAndWritingGoesOn()
    {
        var whole = Written();
        for (var cut = 0; cut < whole.Length; cut++)
        {
            File.WriteAllBytes(Path, whole[..cut]);
            List<string> read = [];
            using (var file = Open(read, out var damage))
            {
                Assert.Null(damage);
                Assert.Equal(Texts.Take(read.Count), read);
                file.Append("after"u8);
            }

            List<string> again = [];
            Open(again, out _).Dispose();
            Assert.Equal([.. read, "after"], again);
        }
    }

    [Fact]
    public void Look_WhateverTheFile_ShowsGoodRecordsAndChangesNothing()
    {
        var whole = Written();
        foreach (var (content, expected) in new (byte[], IEnumerable<string>)[]
        {
            (whole, Texts), (whole[..^3], Texts[..^1]), ([.. whole, 1, 2, 3], Texts), ([], []), (whole[..4], []),
        })
        {
            File.WriteAllBytes(Path, content);
            List<string> read = [];
            RecordFile.Look(Path, record => read.Add(System.Text.Encoding.UTF8.GetString(record)));
            Assert.Equal(expected, read);
            Assert.Equal(content, File.ReadAllBytes(Path));
        }

        File.Delete(Path);
        RecordFile.Look(Path, _ => Assert.Fail("there is none"));
        Assert.False(File.Exists(Path));
    }

    [Fact]
    public void Open_GarbageAtTheEnd_IsCutOff()
    {
        var whole = Written();
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var garbage = new byte[random.Next(1, 100)];
            if (round % 3 != 0)
            {
                random.NextBytes(garbage);
            }

            File.WriteAllBytes(Path, [.. whole, .. garbage]);
            List<string> read = [];
            Open(read, out var damage).Dispose();
            Assert.Null(damage);
            Assert.Equal(Texts, read);
        }
    }

    [Fact]
    public void Open_AnyByteOfTheFirstRecordsChanged_FileIsKeptAsideAndLaterRecordsAreSaved()
    {
        var whole = Written();
        var lastRecord = whole.Length - 8 - Texts[^1].Length;
        for (var at = 0; at < lastRecord; at += 3)
        {
            var changed = whole.ToArray();
            changed[at] ^= 0x55;
            File.WriteAllBytes(Path, changed);
            List<string> read = [];
            Open(read, out var damage).Dispose();
            Assert.NotNull(damage);
            Assert.Equal(changed, File.ReadAllBytes(Path + ".damaged"));
            Assert.Equal(Texts[^1], read[^1]);
            List<string> again = [];
            Open(again, out var damageAgain).Dispose();
            Assert.Null(damageAgain);
            Assert.Equal(read, again);
        }
    }

    [Fact]
    public void Rewrite_PositionsReadBackAndTheFileIsPrivate()
    {
        Written();
        using (var file = Open([], out _))
        {
            var positions = file.Rewrite(["a"u8.ToArray(), "b"u8.ToArray()]);
            Assert.Equal("b"u8.ToArray(), file.Read(positions[1]));
            file.Append("c"u8);
        }

        List<string> read = [];
        Open(read, out _).Dispose();
        Assert.Equal(["a", "b", "c"], read);
        Assert.Equal(DurableFile.PrivateFile, File.GetUnixFileMode(Path));
    }

    [Fact]
    public void Crc32C_KnownVector_Matches() => Assert.Equal(0xE3069283u, Crc32C.Compute("123456789"u8));

    private byte[] Written()
    {
        File.Delete(Path);
        using (var file = Open([], out _))
        {
            foreach (var text in Texts)
            {
                file.Append(Encoding.UTF8.GetBytes(text));
            }
        }

        return File.ReadAllBytes(Path);
    }

    private RecordFile Open(List<string> read, out string? damage) =>
        RecordFile.Open(Path, (_, content) => read.Add(Encoding.UTF8.GetString(content)), out damage);
}
