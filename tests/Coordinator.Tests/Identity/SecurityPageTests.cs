using System.Text.RegularExpressions;
using Fleet.Testing;

namespace Fleet.Coordinator.Tests.Identity;

/// <summary>docs/security.md says what an attacker cannot do, and which test shows it.</summary>
public sealed partial class SecurityPageTests
{
    [Fact]
    public void EveryCannot_NamesATestThatExists()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "security.md"));
        var sources = Directory
            .GetFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .ToLookup(f => Path.GetFileNameWithoutExtension(f), File.ReadAllText);
        var claims = Claim().Matches(page[page.IndexOf("## What each attacker can and cannot do", StringComparison.Ordinal)..]);

        Assert.NotEmpty(claims);
        Assert.All(claims, claim =>
        {
            var names = Name().Matches(claim.Value);
            Assert.NotEmpty(names);
            Assert.All(names, name =>
                Assert.Contains(sources[name.Groups["class"].Value], text =>
                    text.Contains($" {name.Groups["method"].Value}(", StringComparison.Ordinal)));
        });
    }

    [GeneratedRegex(@"^- cannot .*(\n  .*)*", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Claim();

    [GeneratedRegex(@"\b(?<class>[A-Z]\w*Tests)\.(?<method>\w+)", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
