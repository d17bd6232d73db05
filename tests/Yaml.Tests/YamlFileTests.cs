using System.Diagnostics;
using System.Text;

namespace Fleet.Yaml.Tests;

public sealed class YamlFileTests
{
    private readonly YamlProblems _problems = new();

    private IReadOnlyList<YamlMapping> Read(string text) => YamlFile.Parse(text, "a.yaml", _problems);

    private string TheProblem() => Assert.Single(_problems.Items).ToString();

    [Theory]
    [InlineData("")]
    [InlineData("# only comments\n")]
    [InlineData("---\n---\n")]
    [InlineData("\uFEFF")]
    public void Parse_NothingInIt_GivesNoDocumentAndNoProblem(string text)
    {
        Assert.Empty(Read(text));
        Assert.False(_problems.Any);
    }

    [Fact]
    public void Parse_SeveralDocuments_GivesEachWithItsPlace()
    {
        var documents = Read("# first\nname: a\n---\nname: b\n...\n---\n  name: c\n");

        Assert.Equal(["a", "b", "c"], documents.Select(d => d.String("name")));
        Assert.Equal([(2, 1), (4, 1), (7, 3)], documents.Select(d => (d.Line, d.Column)));
    }

    [Theory]
    [InlineData("name: a\r\nlist:\r\n  - b\r\n  - c\r\n")]
    [InlineData("\uFEFFname: a\nlist:\n  - b\n  - c\n")]
    public void Parse_CrLfOrByteOrderMark_ReadsTheSame(string text)
    {
        var root = Assert.Single(Read(text));

        Assert.Equal("a", root.String("name"));
        Assert.Equal(["b", "c"], root.Strings("list"));
        Assert.Equal((3, 5), root.PositionOf("list[0]"));
        Assert.False(_problems.Any);
    }

    [Theory]
    [InlineData("a: 1\n\tb: 2\n", "a.yaml:2:1: a tab in the indentation: YAML wants spaces")]
    [InlineData("a:\n  b: 1\n \tc: 1\n", "a.yaml:3:2: a tab in the indentation: YAML wants spaces")]
    public void Parse_TabIndentation_SaysSo(string text, string problem)
    {
        Assert.Empty(Read(text));
        Assert.Equal(problem, TheProblem());
    }

    [Theory]
    [InlineData("a: [1, 2\n", 2)]
    [InlineData("a: 'x\n", 1)]
    [InlineData("a: b: c\n", 1)]
    [InlineData("a: 1\n b: 2\n", 2)]
    [InlineData("a: \"\\q\"\n", 1)]
    [InlineData("a: @x\n", 1)]
    [InlineData("%YAML 9.9\n---\na: 1\n", 1)]
    public void Parse_SyntaxError_IsOneProblemNearTheLine(string text, int line)
    {
        Assert.Empty(Read(text));
        var problem = Assert.Single(_problems.Items);
        Assert.InRange(problem.Line, Math.Max(1, line - 1), line + 1);
        Assert.Contains("is not valid YAML", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("- a\n- b\n", "a.yaml:1:1: a document must be a mapping (\"key: value\" lines), not a list")]
    [InlineData("just text\n", "a.yaml:1:1: a document must be a mapping (\"key: value\" lines), not a single value")]
    [InlineData("? [a, b]\n: c\n", "a.yaml:1:3: a key must be a single text")]
    [InlineData(
        "a: !!python/object:os.system x\n",
        "a.yaml:1:4: the tag 'tag:yaml.org,2002:python/object:os.system' is not supported: leave it out (only !!str and !!binary are known)"
    )]
    [InlineData("a: &x 1\nb: *x\n", "a.yaml:1:4: the anchor &x is not supported: write the value out where it is needed")]
    [InlineData("b: *x\n", "a.yaml:1:4: the alias *x is not supported: write the value out")]
    [InlineData("a: !!set {x}\n", "a.yaml:1:4: the tag 'tag:yaml.org,2002:set' is not supported: leave it out")]
    public void Parse_NotSupported_IsAProblem(string text, string problem)
    {
        Assert.Empty(Read(text));
        Assert.Equal(problem, TheProblem());
    }

    [Fact]
    public void Parse_DuplicateKey_IsAProblemThatNamesBothLines()
    {
        var root = Assert.Single(Read("a: 1\nb: 2\na: 3\n"));

        Assert.Equal("a.yaml:3:1: the key 'a' is there twice: first in line 1", TheProblem());
        Assert.Equal("1", root.String("a"));
    }

    [Fact]
    public void Parse_AliasBomb_IsRefusedAtOnce()
    {
        var text = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for (var i = 1; i < 30; i++)
        {
            text.Append(
                System.Globalization.CultureInfo.InvariantCulture,
                $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 9))}]\n");
        }

        var watch = Stopwatch.StartNew();
        Assert.Empty(Read(text.ToString()));
        Assert.Contains("anchor", TheProblem(), StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    public void Parse_DeepNesting_IsRefusedWithoutAStackOverflow(string opening)
    {
        Assert.Empty(Read("a:\n " + string.Concat(Enumerable.Repeat(opening, 5_000))));
        Assert.NotEmpty(_problems.Items);
    }

    [Fact]
    public void Parse_NestedBeyondTheLimit_NamesTheLimit()
    {
        Assert.Empty(Read("a: " + new string('[', 40) + new string(']', 40)));
        Assert.Contains("nested more than 32 levels deep", TheProblem(), StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_HugeScalar_IsRefused()
    {
        Assert.Empty(Read("a: " + new string('x', 2_000_000)));
        Assert.Equal("a.yaml:1:4: a value longer than 1MiB", TheProblem());
    }

    [Fact]
    public void Parse_HugeText_IsRefused()
    {
        Assert.Empty(Read(new string('#', 9_000_000)));
        Assert.Equal("a.yaml: is larger than 8MiB", TheProblem());
    }

    [Fact]
    public void Parse_TooManyValues_IsRefused()
    {
        Assert.Empty(Read("a: [" + string.Concat(Enumerable.Repeat("x,", 250_000)) + "]"));
        Assert.Contains("more than 200000 values", TheProblem(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: b\0c\n", "a.yaml:1:5: holds the control character U+0000, which YAML does not allow: write it as an escape in double quotes, for example \"\\x00\"")]
    [InlineData("a: 1\nb: \u001b[31m\n", "a.yaml:2:4: holds the control character U+001B, which YAML does not allow: write it as an escape in double quotes, for example \"\\x1b\"")]
    public void Parse_ControlCharacters_AreRefused(string text, string problem)
    {
        Assert.Empty(Read(text));
        Assert.Equal(problem, TheProblem());
    }

    [Fact]
    public void Parse_BytesThatAreNotUtf8_NamesTheLine()
    {
        Assert.Empty(YamlFile.Parse([.. "a: 1\nb: "u8, 0xFF, 0x0A], "a.yaml", _problems));
        Assert.Equal(
            "a.yaml:2:4: is not UTF-8 here: save the file as UTF-8, and write a path that is not UTF-8 as !!binary with base64",
            TheProblem());
    }

    [Fact]
    public void Parse_Utf16_SaysSo()
    {
        Assert.Empty(YamlFile.Parse([0xFF, 0xFE, (byte)'a', 0], "a.yaml", _problems));
        Assert.Equal("a.yaml:1:1: is UTF-16: save it as UTF-8", TheProblem());
    }

    [Fact]
    public void Parse_Utf8Bytes_ReadsWithAndWithoutByteOrderMark()
    {
        var root = Assert.Single(YamlFile.Parse([0xEF, 0xBB, 0xBF, .. "name: Grüße\n"u8], "a.yaml", _problems));
        Assert.Equal("Grüße", root.String("name"));
    }

    [Fact]
    public void Parse_Garbage_NeverThrows()
    {
        var random = new Random(7);
        const string Alphabet = "ab:-[]{}&*!|>'\"%@`#,? \n\t\r\\~.0\uFEFF\u2028é\uD83D";
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Create(random.Next(1, 40), random, (span, r) =>
            {
                foreach (ref var c in span)
                {
                    c = Alphabet[r.Next(Alphabet.Length)];
                }
            });
            var problems = new YamlProblems();
            foreach (var document in YamlFile.Parse(text, "a.yaml", problems))
            {
                foreach (var key in document.Keys)
                {
                    document.String(key);
                    document.Strings(key);
                    document.Mapping(key)?.RefuseUnknown();
                    document.Mappings(key);
                }
            }

            Assert.All(problems.Items, p => Assert.NotEmpty(p.ToString()));
        }
    }

    [Fact]
    public void Problems_Hundreds_AreCountedButNotKept()
    {
        for (var i = 0; i < 250; i++)
        {
            _problems.Add("a.yaml", i, 1, "", "x");
        }

        Assert.Equal(100, _problems.Items.Count);
        Assert.Equal(150, _problems.LeftOut);
        Assert.EndsWith("... and 150 more", _problems.ToString(), StringComparison.Ordinal);
    }
}
