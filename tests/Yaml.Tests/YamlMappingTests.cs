namespace Fleet.Yaml.Tests;

public sealed class YamlMappingTests
{
    private readonly YamlProblems _problems = new();

    private YamlMapping Read(string text) => Assert.Single(YamlFile.Parse(text, "a.yaml", _problems));

    private void Expect(params string[] problems) => Assert.Equal(problems, _problems.Items.Select(p => p.ToString()));

    [Fact]
    public void Getters_RightTypes_GiveTheValues()
    {
        var root = Read("""
            name: web1
            number: 42
            on: true
            every: 1h30m
            size: 10MiB
            list: [a, "b c"]
            one: a
            labels: {role: web, tier: 1, on: true}
            nested:
              key: value
            items:
              - {a: 1}
              - {a: 2}
            path: !!binary L3RtcC//
            """);

        Assert.Equal("web1", root.RequiredString("name"));
        Assert.Equal(42, root.Integer("number", 0, 100));
        Assert.True(root.Boolean("on"));
        Assert.Equal(TimeSpan.FromMinutes(90), root.Duration("every", TimeSpan.Zero, TimeSpan.FromDays(1)));
        Assert.Equal(10 * 1024 * 1024, root.SizeBytes("size", 0, long.MaxValue));
        Assert.Equal(["a", "b c"], root.Strings("list"));
        Assert.Equal(["a"], root.Strings("one"));
        Assert.Equal(new Dictionary<string, string> { ["role"] = "web", ["tier"] = "1", ["on"] = "true" }, root.StringMap("labels"));
        Assert.Equal("value", root.Mapping("nested")!.String("key"));
        Assert.Equal("nested", root.Mapping("nested")!.Path);
        Assert.Equal([1L, 2L], root.Mappings("items").Select(m => m.Integer("a", 0, 9)!.Value));
        Assert.Equal([0x2F, 0x74, 0x6D, 0x70, 0x2F, 0xFF], root.Bytes("path")!);
        root.RefuseUnknown();
        Expect();
    }

    [Fact]
    public void Getters_AbsentKeys_GiveNothingAndNoProblem()
    {
        var root = Read("a: 1");

        Assert.Null(root.String("x"));
        Assert.Null(root.Integer("x", 0, 1));
        Assert.Null(root.Boolean("x"));
        Assert.Null(root.Duration("x", TimeSpan.Zero, TimeSpan.MaxValue));
        Assert.Null(root.SizeBytes("x", 0, 1));
        Assert.Empty(root.Strings("x"));
        Assert.Empty(root.StringMap("x"));
        Assert.Null(root.Mapping("x"));
        Assert.Empty(root.Mappings("x"));
        Assert.Null(root.Bytes("x"));
        Assert.False(root.Has("x"));
        Assert.Equal(YamlKind.Absent, root.Kind("x"));
        Expect();
    }

    [Fact]
    public void Getters_WrongTypes_AreProblemsAtTheValue()
    {
        var root = Read("""
            name: [a]
            number: ten
            quoted: "10"
            on: yes
            list: {a: 1}
            map: text
            maps: [a]
            empty:
            nested: {x: 1}
            """);

        Assert.Null(root.String("name"));
        Assert.Null(root.Integer("number", 0, 100));
        Assert.Null(root.Integer("quoted", 0, 100));
        Assert.Null(root.Boolean("on"));
        Assert.Empty(root.Strings("list"));
        Assert.Empty(root.StringMap("map"));
        Assert.Empty(root.Mappings("maps"));
        Assert.Null(root.String("empty"));
        Assert.Empty(root.Mappings("nested"));
        Expect(
            "a.yaml:1:7: name: must be text, not a list",
            "a.yaml:2:9: number: must be a whole number, not 'ten'",
            "a.yaml:3:9: quoted: is text: write a whole number without quotes",
            "a.yaml:4:5: on: must be true or false, not 'yes'",
            "a.yaml:5:7: list: must be a list, not a mapping",
            "a.yaml:6:6: map: must be a mapping, not a single value",
            "a.yaml:7:8: maps[0]: must be a mapping, not a single value",
            "a.yaml:8:7: empty: has no value: write text, or remove the key",
            "a.yaml:9:9: nested: must be a list, not a mapping");
    }

    [Theory]
    [InlineData("15", "needs a unit: 15s, 15m, 15h or 15d")]
    [InlineData("1.5h", "must be a duration such as 15s, 10m, 6h, 90d or 1h30m, not '1.5h'")]
    [InlineData("30m1h", "must be a duration such as 15s, 10m, 6h, 90d or 1h30m, not '30m1h'")]
    [InlineData("8d", "must be between 1s and 7d, not 8d")]
    [InlineData("0s", "must be between 1s and 7d, not 0s")]
    [InlineData("99999999999999999999d", "must be a duration such as 15s, 10m, 6h, 90d or 1h30m, not '99999999999999999999d'")]
    public void Duration_NotOne_SaysHow(string text, string message)
    {
        var root = Read("every: " + text);

        Assert.Null(root.Duration("every", TimeSpan.FromSeconds(1), TimeSpan.FromDays(7)));
        Expect("a.yaml:1:8: every: " + message);
    }

    [Theory]
    [InlineData("10M", "must be a size such as 512KiB, 10MiB, 1GB or a number of bytes, not '10M'")]
    [InlineData("1KiB", "must be between 1MiB and 1GiB, not 1KiB")]
    [InlineData("1.5", "must be a size such as 512KiB, 10MiB, 1GB or a number of bytes, not '1.5'")]
    [InlineData("99999999TiB", "must be a size such as 512KiB, 10MiB, 1GB or a number of bytes, not '99999999TiB'")]
    public void SizeBytes_NotOne_SaysHow(string text, string message)
    {
        var root = Read("size: " + text);

        Assert.Null(root.SizeBytes("size", 1 << 20, 1 << 30));
        Expect("a.yaml:1:7: size: " + message);
    }

    [Fact]
    public void Integer_OnlyALowerBound_SaysAtLeast()
    {
        Assert.Null(Read("n: -1").Integer("n", 0, long.MaxValue));
        Expect("a.yaml:1:4: n: must be at least 0, not -1");
    }

    [Fact]
    public void RequiredString_AbsentOrEmpty_IsAProblem()
    {
        var root = Read("rsync:\n  source: ''\n");
        var rsync = root.Mapping("rsync")!;

        Assert.Equal("", rsync.RequiredString("source"));
        Assert.Equal("", rsync.RequiredString("destination"));
        Expect("a.yaml:2:11: rsync.source: must not be empty", "a.yaml:2:3: rsync.destination: is required");
    }

    [Fact]
    public void RefuseUnknown_KeysNobodyAskedFor_SuggestsWhatWasMeant()
    {
        var root = Read("descripton: x\nbandwidthLimit: 1\nzzz: 1\n");
        root.String("description");
        root.SizeBytes("bandwidth_limit", 0, 1);
        root.RefuseUnknown();

        Expect(
            "a.yaml:1:1: unknown key 'descripton': did you mean description?",
            "a.yaml:2:1: unknown key 'bandwidthLimit': did you mean bandwidth_limit?",
            "a.yaml:3:1: unknown key 'zzz': known here: bandwidth_limit, description");
    }

    [Fact]
    public void RefuseUnknown_SuggestsNothingThatIsAlreadyThere()
    {
        var root = Read("name: a\nnamee: b\n");
        root.String("name");
        root.RefuseUnknown();

        Expect("a.yaml:2:1: unknown key 'namee': known here: name");
    }

    [Fact]
    public void PositionOf_PathThatEndsInTheText_GivesTheDeepestPart()
    {
        var root = Read("rsync:\n  source: {path: /a}\n  exclude:\n    - one\n    - two\n");

        Assert.Equal((2, 18), root.PositionOf("rsync.source.path"));
        Assert.Equal((2, 11), root.PositionOf("rsync.source.ssh.host"));
        Assert.Equal((5, 7), root.PositionOf("rsync.exclude[1]"));
        Assert.Equal((4, 5), root.PositionOf("rsync.exclude[9]"));
        Assert.Equal((1, 1), root.PositionOf("nothing"));
        Assert.Equal((4, 5), root.PositionOf("rsync.exclude[x"));
    }

    [Fact]
    public void PositionOf_QuotedKey_FindsKeysWithDots()
    {
        var root = Read("labels:\n  role: web\n  \"fleet.io/all\": \"true\"\n");

        Assert.Equal((3, 19), root.PositionOf("labels[\"fleet.io/all\"]"));
        Assert.Equal((2, 9), root.PositionOf("labels[\"role\"]"));
        Assert.Equal((2, 3), root.PositionOf("labels[\"role"));
    }

    [Fact]
    public void Bytes_BadBase64_IsAProblem()
    {
        Assert.Null(Read("path: !!binary '***'").Bytes("path"));
        Expect("a.yaml:1:7: path: is tagged !!binary but is not base64");
    }

    [Fact]
    public void String_Binary_IsAProblem()
    {
        Assert.Null(Read("name: !!binary YQ==").String("name"));
        Expect("a.yaml:1:7: name: does not take !!binary");
    }

    [Fact]
    public void Problem_HostileValue_IsShortenedAndEscaped()
    {
        Assert.Null(Read("n: \"\\e[31m" + new string('x', 200_000) + "\\u202e\"").Duration("n", TimeSpan.Zero, TimeSpan.MaxValue));
        var problem = Assert.Single(_problems.Items);
        Assert.Contains("'\\u001b[31mxxx", problem.Message, StringComparison.Ordinal);
        Assert.True(problem.Message.Length < 200);
    }
}
