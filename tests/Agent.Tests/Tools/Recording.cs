using System.Globalization;
using System.Runtime.CompilerServices;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Tools;

/// <summary>What a real tool printed: NAME.command, NAME.stdout, NAME.stderr and NAME.exit in recorded/RELEASE.</summary>
/// <param name="test">The recordings are beside it: the file that asks, unless another one is named.</param>
internal sealed class Recording(string release, string name, [CallerFilePath] string test = "")
{
    private readonly string _path = Path.Join(Folder(test), release, name);

    public string Command => File.ReadAllText($"{_path}.command").TrimEnd('\n');

    public int Exit => int.Parse(File.ReadAllText($"{_path}.exit"), CultureInfo.InvariantCulture);

    /// <summary>For tests elsewhere: what zfs and zpool printed.</summary>
    public static string OfZfs { get; } = In("Zfs");

    /// <summary>For tests elsewhere: what LVM's tools printed.</summary>
    public static string OfLvm { get; } = In("Lvm");

    public static TheoryData<string> Releases([CallerFilePath] string test = "") =>
        [.. Directory.EnumerateDirectories(Folder(test)).Select(d => Path.GetFileName(d)!).Order()];

    /// <summary>Names of what was recorded of a release.</summary>
    public static IEnumerable<string> Names(string release, [CallerFilePath] string test = "") =>
        Directory.EnumerateFiles(Path.Join(Folder(test), release), "*.exit").Select(f => Path.GetFileNameWithoutExtension(f)!).Order();

    /// <summary>Every failure that was recorded of a release must have the kind that the table says.</summary>
    /// <param name="parse">What an error parser makes of it.</param>
    public static void AssertKinds<TKind>(
        string release,
        IReadOnlyDictionary<string, TKind> kinds,
        Func<Recording, (TKind Kind, string Message)> parse,
        [CallerFilePath] string test = "")
        where TKind : struct, Enum
    {
        List<string> wrong = [];
        foreach (var name in Names(release, test))
        {
            var recording = new Recording(release, name, test);
            if (recording.Exit == 0 || recording.HadNoEnd)
            {
                continue;
            }

            var (kind, message) = parse(recording);
            if (!kinds.TryGetValue(name, out var expected) || !expected.Equals(kind))
            {
                wrong.Add($"{name}: {kind} from \"{message}\"");
            }
        }

        Assert.Empty(wrong);
    }

    /// <summary>The tool hung and was killed: timeout(1).</summary>
    public bool HadNoEnd => Exit is 124 or 137;

    /// <summary>Releases print this or do not.</summary>
    public bool Exists => File.Exists($"{_path}.exit");

    /// <summary>Plays both streams as the tool runner would, in pieces that end in the middle of lines.</summary>
    public T Play<T>(T output)
        where T : IToolOutput
    {
        foreach (var (stream, extension) in new[] { (LogStream.Stdout, "stdout"), (LogStream.Stderr, "stderr") })
        {
            var lines = new LineSplitter(stream, output, 8192);
            foreach (var piece in File.ReadAllBytes($"{_path}.{extension}").Chunk(7))
            {
                lines.Write(piece);
            }

            lines.Complete();
        }

        return output;
    }

    private static string In(string room, [CallerFilePath] string here = "") =>
        Path.Join(Path.GetDirectoryName(here), "..", room, "any.cs");

    private static string Folder(string test) => Path.Join(Path.GetDirectoryName(test), "recorded");
}
