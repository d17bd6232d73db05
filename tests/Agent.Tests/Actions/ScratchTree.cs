using System.Diagnostics;
using System.Text;

namespace Fleet.Agent.Tests.Actions;

/// <summary>A folder for one test. Odd names are made and read through tools, because .NET's file names are UTF-16.</summary>
internal sealed class ScratchTree : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("fleet-actions-").FullName;

    public string At(string relative) => Path.Join(Root, relative);

    public void File(string relative, string content = "content")
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(relative))!);
        System.IO.File.WriteAllText(At(relative), content);
    }

    public string Read(string relative) => System.IO.File.ReadAllText(At(relative));

    /// <summary>Runs a shell line in the root; for setting up and comparing only.</summary>
    public string Shell(string line)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", line])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.Latin1,
        })!;
        var output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(60)), line);
        Assert.True(process.ExitCode == 0, $"exit {process.ExitCode}: {line}\n{output}");
        return output;
    }

    /// <summary>
    /// Content, names, types, modes and times of both trees are equal, byte for byte, but for the owner of a destination.
    /// </summary>
    public void AssertEqual(string left, string right)
    {
        // Times in seconds: rsync leaves a folder's time alone when only the fraction differs.
        const string List = "find . ! -path ./.fleet-owner.json -print0 | LC_ALL=C sort -z | xargs -0 stat -c '%N %Y %a %F %s'; find . -type f ! -path ./.fleet-owner.json -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum";
        Assert.Equal(Shell($"cd '{left}' && {{ {List}; }}"), Shell($"cd '{right}' && {{ {List}; }}"));
    }

    public void Dispose() => Shell($"rm -rf --one-file-system -- '{Root}'");
}
