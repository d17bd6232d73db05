using Fleet.Cli.Outcomes;
using Fleet.Yaml;

namespace Fleet.Cli.Policies.Files;

/// <summary>Reads all policy files, and finds all problems in all of them, before anything is sent.</summary>
internal static class PolicyFiles
{
    private const int LargestFile = 8 * 1024 * 1024;

    /// <param name="names">Files, directories whose YAML files are taken, or <c>-</c> for the standard input.</param>
    public static Outcome<IReadOnlyList<PolicyDocument>> Read(IReadOnlyList<string> names, Func<Stream> openInput)
    {
        var problems = new YamlProblems();
        var documents = new List<PolicyDocument>();
        foreach (var name in names.SelectMany(n => FilesOf(n, problems)))
        {
            if (!TryReadBytes(name, openInput, out var bytes, out var why))
            {
                problems.Add(name, 0, 0, "", why);
                continue;
            }

            var mappings = YamlFile.Parse(bytes, name == "-" ? "<standard input>" : name, problems);
            documents.AddRange(mappings.Select(m => new PolicyDocument(PolicyReader.Read(m), m)));
        }

        RefuseDuplicates(documents);
        if (!problems.Any && documents.Count == 0)
        {
            problems.Add(string.Join(", ", names), 0, 0, "", "contains no policy");
        }

        return problems.Any
            ? new CliFailure(
                ExitCode.Refused,
                $"{(problems.Items.Count == 1 ? "a problem" : "problems")} in the policy files; nothing was applied",
                "docs/policies.md lists every field")
            {
                Details = problems.ToString().Split('\n'),
            }
            : documents;
    }

    /// <summary>
    /// For a directory: the YAML files in it, ordered by name, without subdirectories. For anything else: the name itself.
    /// </summary>
    private static List<string> FilesOf(string name, YamlProblems problems)
    {
        if (name == "-" || !Directory.Exists(name))
        {
            return [name];
        }

        try
        {
            List<string> files = [.. Directory.EnumerateFiles(name)
                .Where(f => Path.GetExtension(f) is ".yaml" or ".yml" && !Path.GetFileName(f).StartsWith('.'))
                .Order(StringComparer.Ordinal)];
            if (files.Count == 0)
            {
                problems.Add(name, 0, 0, "", "is a directory without policy files: no name in it ends in .yaml or .yml (subdirectories "
                    + "are not searched)");
            }

            return files;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(name, 0, 0, "", $"is a directory that cannot be listed: {e.Message}");
            return [];
        }
    }

    private static void RefuseDuplicates(List<PolicyDocument> documents)
    {
        var first = new Dictionary<string, YamlMapping>(StringComparer.Ordinal);
        foreach (var (spec, source) in documents.Where(d => d.Spec.Name.Length > 0))
        {
            if (!first.TryAdd(spec.Name, source))
            {
                var other = first[spec.Name];
                source.Problem("policy", $"'{spec.Name}' is there twice: first in {other.File}:{other.PositionOf("policy").Line}");
            }
        }
    }

    private static bool TryReadBytes(string name, Func<Stream> openInput, out byte[] bytes, out string why)
    {
        (bytes, why) = ([], "");
        try
        {
            using var stream = name == "-" ? openInput() : new FileStream(name, FileMode.Open, FileAccess.Read);
            using var content = new MemoryStream();
            var buffer = new byte[64 * 1024];
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                content.Write(buffer, 0, read);
                if (content.Length > LargestFile)
                {
                    why = $"is larger than {SizeText.Format(LargestFile)}";
                    return false;
                }
            }

            bytes = content.ToArray();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = e switch
            {
                FileNotFoundException or DirectoryNotFoundException => "no such file",
                UnauthorizedAccessException => "permission denied",
                _ => e.Message,
            };
            return false;
        }
    }
}
