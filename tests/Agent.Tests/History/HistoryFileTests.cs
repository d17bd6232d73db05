using System.Security.Cryptography;
using Fleet.Agent.History;

namespace Fleet.Agent.Tests.History;

public sealed class HistoryFileTests : IDisposable
{
    private static readonly DateTimeOffset At = new(2026, 11, 10, 4, 0, 0, TimeSpan.Zero);
    private readonly TemporaryFolder _folder = new();

    private string FilePath => _folder.File("history-2026-11.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void OpenForReading_LogThatACrashLeft_IsReadAndNothingChanges()
    {
        var killed = _folder.File("history-2026-10.db");
        using (var file = HistoryFile.OpenForWriting(FilePath))
        {
            Fill(file, 20);

            // As a kill leaves them: what is committed is in the log alone.
            File.Copy(FilePath, killed);
            File.Copy(HistoryFile.LogOf(FilePath), HistoryFile.LogOf(killed));
        }

        var before = Hashes();
        using (var file = HistoryFile.OpenForReading(killed))
        {
            Assert.Equal(20, file.Ids().Count);
        }

        Assert.Equal(before, Hashes());
        using (var file = HistoryFile.OpenForWriting(killed))
        {
            Assert.Equal(20, file.Ids().Count);
        }

        Assert.False(File.Exists(HistoryFile.LogOf(killed)));
    }

    [Fact]
    public void Damage_AnyByteAnywhere_IsDamageOrOtherTextAndNothingElse()
    {
        using (var file = HistoryFile.OpenForWriting(FilePath))
        {
            Fill(file, 60);
        }

        var good = File.ReadAllBytes(FilePath);
        var random = new Random(7);
        var found = 0;
        for (var round = 0; round < 60; round++)
        {
            var bytes = (byte[])good.Clone();
            switch (round % 3)
            {
                case 0:
                    bytes = bytes[..random.Next(bytes.Length)];
                    break;
                case 1:
                    bytes.AsSpan(random.Next(bytes.Length / 8192) * 8192, 8192).Clear();
                    break;
                default:
                    for (var i = 0; i < 50; i++)
                    {
                        bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                    }

                    break;
            }

            File.WriteAllBytes(FilePath, bytes);
            File.Delete(HistoryFile.LogOf(FilePath));
            var before = Hashes();
            try
            {
                using var file = HistoryFile.OpenForReading(FilePath);
                file.Newest(null, DateTime.UnixEpoch, DateTime.MaxValue.ToUniversalTime(), _ => true);
            }
            catch (HistoryDamageException e)
            {
                found++;
                Assert.Equal(FilePath, e.Path);
            }

            Assert.Equal(before, Hashes());
        }

        Assert.InRange(found, 40, 60);
    }

    [Fact]
    public void Add_SameAttemptTwice_IsKeptOnce()
    {
        using var file = HistoryFile.OpenForWriting(FilePath);
        Fill(file, 3);
        Fill(file, 5);
        Assert.Equal(5, file.Ids().Count);
    }

    [Fact]
    public void OpenForReading_NotThere_IsNotMade()
    {
        Assert.ThrowsAny<IOException>(() => HistoryFile.OpenForReading(FilePath));
        Assert.Empty(Directory.EnumerateFiles(_folder.Path));
    }

    private static void Fill(HistoryFile file, int documents) =>
        file.Add(
            Enumerable.Range(0, documents).Select(i => HistoryDocument.Of(HistoryFixture.Result($"run-{i}", At + TimeSpan.FromMinutes(i)))!));

    private Dictionary<string, string> Hashes() =>
        Directory.EnumerateFiles(_folder.Path).ToDictionary(f => f, f => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(f))));
}
