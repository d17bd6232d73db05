using Fleet.Cli.Output;
using Google.Protobuf;

namespace Fleet.Cli.Tests.Output;

public sealed class TerminalTextTests
{
    [Theory]
    [InlineData("plain text", "plain text")]
    [InlineData("Grüße 日本 🙂", "Grüße 日本 🙂")]
    [InlineData("a\nb\rc\td", "a\\nb\\rc\\td")]
    [InlineData("\u001b[31mred\u001b[0m", "\\x1b[31mred\\x1b[0m")]
    [InlineData("\u001b]0;title\u0007", "\\x1b]0;title\\x07")]
    [InlineData("\u009b31m", "\\x9b31m")]
    [InlineData("a\0b\u007f", "a\\x00b\\x7f")]
    [InlineData("txt.\u202eexe", "txt.\\u202eexe")]
    [InlineData("a\u200bb\u2028c\ufeff", "a\\u200bb\\u2028c\\ufeff")]
    [InlineData("tag\U000e0041", "tag\\U000e0041")]
    [InlineData("[red]markup[/] {{x}}", "[red]markup[/] {{x}}")]
    public void Safe_Text_ShowsWhatCannotBeSeen(string text, string expected) => Assert.Equal(expected, TerminalText.Safe(text));

    [Fact]
    public void Safe_LoneSurrogate_IsShown() => Assert.Equal("lone\\ud800", TerminalText.Safe("lone\ud800"));

    [Fact]
    public void SafeLogLine_KeepsTabsAlone() => Assert.Equal("a\tb\\x1b\\n", TerminalText.SafeLogLine("a\tb\u001b\n"));

    [Fact]
    public void SafePath_InvalidUtf8_ShowsTheBytes() =>
        Assert.Equal(
            "/srv/\\xc3(\\xff\\n/é", TerminalText.SafePath(ByteString.CopyFrom([.. "/srv/"u8, 0xC3, 0x28, 0xFF, (byte)'\n', .. "/é"u8])));

    [Fact]
    public void Safe_AnyCharacter_LeavesNoControlCharacter()
    {
        var everything = string.Concat(Enumerable.Range(0, 0x10000).Select(i => (char)i));

        Assert.DoesNotContain(TerminalText.Safe(everything), c => char.IsControl(c));
    }
}
