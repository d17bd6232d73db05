namespace Fleet.Yaml.Tests;

public sealed class SuggestionTests
{
    private static readonly string[] Known =
    [
        "status",
        "storage",
        "run",
        "runs",
        "retention",
        "restore",
        "--dry-run",
        "--all",
        "bandwidth_limit",
    ];

    [Theory]
    [InlineData("statsu", "status")]
    [InlineData("stat", "status")]
    [InlineData("sto", "storage")]
    [InlineData("--dry", "--dry-run")]
    [InlineData("--dryrun", "--dry-run")]
    [InlineData("bandwidthLimit", "bandwidth_limit")]
    [InlineData("rn", "run")]
    [InlineData("re", null)]
    [InlineData("st", null)]
    [InlineData("--yaml", null)]
    [InlineData("", null)]
    [InlineData("xyzzy", null)]
    public void For_Word_IsWhatWasProbablyMeant(string word, string? meant) => Assert.Equal(meant, Suggestion.For(word, Known));
}
