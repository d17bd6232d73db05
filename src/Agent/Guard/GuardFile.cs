using Fleet.Agent.Accounts;
using Fleet.Agent.Files;
using Fleet.Yaml;

namespace Fleet.Agent.Guard;

/// <summary>Reads guard.yaml, and trusts it only when nobody but root could have written it.</summary>
internal static class GuardFile
{
    /// <returns>
    /// Null if there are no rules that may be trusted, and <paramref name="problem"/> says why and what to do. Safe to log.
    /// </returns>
    public static GuardRules? Read(string path, out string problem)
    {
        problem = "";
        if (FileFacts.Look(path) is not { } file)
        {
            problem = $"there is no guard file {path}, so everything is refused: write one that lists what may be done on this host, "
                + $"owned by root, mode 0644 or stricter";
            return null;
        }

        if (!IsTrusted(path, file, regular: true, out problem)
            || !IsTrusted(
                Path.GetDirectoryName(path)!, FileFacts.Look(Path.GetDirectoryName(path)!) ?? default, regular: false, out problem))
        {
            return null;
        }

        byte[] content;
        try
        {
            content = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = $"{path} cannot be read, so everything is refused: {e.Message}";
            return null;
        }

        var problems = new YamlProblems();
        var rules = GuardRules.Parse(content, path, problems);
        if (problems.Any)
        {
            var more = problems.Items.Count + problems.LeftOut - 1;
            problem = $"{problems.Items[0]}{(more > 0 ? $"; {more} more" : "")}; everything is refused until the guard file is corrected";
            return null;
        }

        return rules;
    }

    private static bool IsTrusted(string path, (uint Owner, int Mode) facts, bool regular, out string problem)
    {
        const int TypeMask = 0xF000, Regular = 0x8000, GroupOrOthersWrite = 0x12, Sticky = 0x200;
        problem = "";
        if (regular && (facts.Mode & TypeMask) != Regular)
        {
            problem = $"{path} is not a regular file (a link is not followed), so everything is refused";
        }
        else if (facts.Owner != 0 && facts.Owner != FileFacts.EffectiveUser)
        {
            problem = $"{path} belongs to {HostAccounts.User(facts.Owner)}, not to root, so everything is refused: chown root {path}";
        }
        else if ((facts.Mode & GroupOrOthersWrite) != 0 && (regular || (facts.Mode & Sticky) == 0))
        {
            problem = $"{path} is writable by users other than its owner, so everything is refused: chmod go-w {path}";
        }

        return problem.Length == 0;
    }
}
