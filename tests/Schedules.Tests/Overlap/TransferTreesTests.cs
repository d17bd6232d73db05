using System.Text;
using Fleet.Schedules.Overlap;

namespace Fleet.Schedules.Tests.Overlap;

/// <summary>One table for what the coordinator says at apply and what the agent does: what rsync itself does is RsyncOptionTests.</summary>
public sealed class TransferTreesTests
{
    [Theory]
    [InlineData("/a", "/b", TreeOverlap.None)]
    [InlineData("/a", "/ab", TreeOverlap.None)]
    [InlineData("/a/", "/a", TreeOverlap.Same)]
    [InlineData("/", "/", TreeOverlap.Same)]
    [InlineData("/a", "/a/b", TreeOverlap.DestinationInside)]
    [InlineData("/", "/mnt/disk/", TreeOverlap.DestinationInside)]
    [InlineData("/a/b", "/a", TreeOverlap.SourceInside)]
    [InlineData("/a", "/", TreeOverlap.SourceInside)]
    public void Overlap_PathsAlone_AreCompared(string source, string destination, TreeOverlap expected) =>
        Assert.Equal(expected, Trees(source, destination).Overlap());

    [Theory]
    [InlineData("/disk", true)]
    [InlineData("/disk/", true)]
    [InlineData("/disk/***", true)]
    [InlineData("/disk/bk", true)]
    [InlineData("disk", true)]
    [InlineData("bk/", true)]
    [InlineData("disk/bk", true)]
    [InlineData("/d*", true)]
    [InlineData("/dis?", true)]
    [InlineData("**/bk", true)]
    [InlineData("/**", true)]
    [InlineData("*", true)]
    [InlineData("/disk/bk/x", false)]
    [InlineData("/bk", false)]
    [InlineData("/x/disk", false)]
    [InlineData("/dis", false)]
    [InlineData("/*/x", false)]
    [InlineData("/[d]isk", false)]
    [InlineData("!", false)]
    [InlineData("- /disk", false)]
    [InlineData("+ /disk", false)]
    public void Overlap_DestinationExcluded_IsNone(string exclude, bool isLeftOut) =>
        Assert.Equal(
            isLeftOut ? TreeOverlap.None : TreeOverlap.DestinationInside,
            (Trees("/x", "/x/disk/bk") with { Excludes = [exclude] }).Overlap());

    [Theory]
    [InlineData("/disk", "/disk", TreeOverlap.DestinationInside)]
    [InlineData("/disk", "bk", TreeOverlap.None)]
    [InlineData("/other", "/disk", TreeOverlap.None)]
    public void Overlap_IncludeBeforeIt_Wins(string include, string exclude, TreeOverlap expected) =>
        Assert.Equal(expected, (Trees("/x", "/x/disk/bk") with { Includes = [include], Excludes = [exclude] }).Overlap());

    [Theory]
    [InlineData(true, true, TreeOverlap.None)]
    [InlineData(true, false, TreeOverlap.DestinationInside)]
    [InlineData(true, null, TreeOverlap.DependsOnFileSystem)]
    [InlineData(false, true, TreeOverlap.DestinationInside)]
    [InlineData(false, null, TreeOverlap.DestinationInside)]
    public void Overlap_OneFileSystem_StopsAtAnother(bool one, bool? other, TreeOverlap expected) =>
        Assert.Equal(expected, (Trees("/", "/mnt/disk/bk") with { OneFileSystem = one, OtherFileSystem = other }).Overlap());

    private static TransferTrees Trees(string source, string destination) =>
        new() { Source = Encoding.UTF8.GetBytes(source), Destination = Encoding.UTF8.GetBytes(destination) };
}
