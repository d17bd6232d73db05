using Fleet.Cli.Outcomes;
using Fleet.Cli.Policies.Files;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Cli.Tests.Policies.Files;

public sealed class PolicyFilesTests
{
    private static readonly string Samples = Path.Combine(AppContext.BaseDirectory, "samples");

    public static TheoryData<string> Good => [.. Names("good", "*.yaml")];

    public static TheoryData<string> Bad => [.. Names("bad", "*.yaml")];

    private static IEnumerable<string> Names(string folder, string pattern) =>
        Directory.GetFiles(Path.Combine(Samples, folder), pattern).Select(f => Path.GetFileNameWithoutExtension(f)!).Order();

    private static Outcome<IReadOnlyList<PolicyDocument>> Read(params string[] files) =>
        PolicyFiles.Read(files, () => throw new InvalidOperationException("no input"));

    [Theory]
    [MemberData(nameof(Good))]
    public void Read_GoodSample_GivesThePoliciesBesideIt(string name)
    {
        var read = Read(Path.Combine(Samples, "good", name + ".yaml"));

        Assert.True(read.Succeeded, string.Join('\n', read.Failure?.Details ?? []));
        var expected = ApplyPoliciesRequest.Parser.ParseJson(File.ReadAllText(Path.Combine(Samples, "good", name + ".json")));
        var actual = new ApplyPoliciesRequest { Policies = { read.Value.Select(d => d.Spec) } };
        Assert.Equal(JsonFormatter.Default.Format(expected), JsonFormatter.Default.Format(actual));
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void Read_BadSample_NamesEveryProblemWithItsPlace(string name)
    {
        var folder = Path.Combine(Samples, "bad");
        var read = Read(Path.Combine(folder, name + ".yaml"));

        Assert.False(read.Succeeded);
        Assert.Equal(ExitCode.Refused, read.Failure.ExitCode);
        Assert.Equal(
            File.ReadAllText(Path.Combine(folder, name + ".txt")).TrimEnd('\n').Split('\n'),
            read.Failure.Details.Select(d => d.Replace(folder + "/", "", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("/nowhere/policy.yaml", "no such file")]
    public void Read_NoFile_SaysWhy(string file, string why)
    {
        var read = Read(file);

        Assert.Equal([$"{file}: {why}"], read.Failure!.Details);
    }

    /// <summary>Examples that people copy must be right.</summary>
    [Fact]
    public void Read_EveryExampleOfTheReference_IsGood()
    {
        var reference = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "policies.md"));
        var examples = reference.Split("```yaml\n").Skip(1).Select(e => e[..e.IndexOf("```", StringComparison.Ordinal)]).ToList();

        Assert.True(examples.Count >= 5);
        Assert.All(examples, example =>
        {
            var read = PolicyFiles.Read(["-"], () => new MemoryStream(System.Text.Encoding.UTF8.GetBytes(example)));
            Assert.True(read.Succeeded, example + string.Join('\n', read.Failure?.Details ?? []));
        });
    }

    [Fact]
    public void Read_StandardInput_IsNamedSo()
    {
        var read = PolicyFiles.Read(["-"], () => new MemoryStream("policy: [\n"u8.ToArray()));

        Assert.StartsWith("<standard input>:", Assert.Single(read.Failure!.Details), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_EndlessInput_IsRefused()
    {
        var read = PolicyFiles.Read(["/dev/zero"], () => Stream.Null);

        Assert.Equal(["/dev/zero: is larger than 8MiB"], read.Failure!.Details);
    }

    [Fact]
    public void Read_ThousandPolicies_IsQuickEnoughToBeUsed()
    {
        var text = string.Join("---\n", Enumerable.Range(0, 1_000).Select(i =>
            $"policy: p{i}\nhosts: [web1]\nrsync: {{source: /a, destination: /b, mode: copy}}\n"));
        var read = PolicyFiles.Read(["-"], () => new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)));

        Assert.Equal(1_000, read.Value!.Count);
    }
}
