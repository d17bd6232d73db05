namespace Fleet.ActionBench;

/// <summary>Trees to transfer, of bytes that do not compress.</summary>
internal static class Trees
{
    /// <summary>200 files to a folder.</summary>
    public static void Many(string root, int files, int bytes)
    {
        var random = new Random(1);
        var content = new byte[bytes];
        for (var i = 0; i < files; i++)
        {
            var folder = Path.Join(root, $"{i / 200:D4}");
            Directory.CreateDirectory(folder);
            random.NextBytes(content);
            File.WriteAllBytes(Path.Join(folder, $"file-{i:D6}"), content);
        }
    }
}
