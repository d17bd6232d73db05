using Grpc.Core;

namespace Fleet.Grpc.Tests.Core;

public sealed class MetadataTests
{
    [Fact]
    public void Add_Keys_BecomeLowerCase()
    {
        var metadata = new Metadata { { "Some-Key", "1" }, { "some-key", "2" }, { "Other-Bin", [1, 2] } };
        Assert.Equal("2", metadata.GetValue("SOME-KEY"));
        Assert.Equal(["1", "2"], metadata.GetAll("some-key").Select(e => e.Value));
        Assert.Equal([1, 2], metadata.GetValueBytes("other-bin"));
        Assert.Null(metadata.Get("none"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("ä")]
    [InlineData(":path")]
    [InlineData("a\n")]
    public void Add_InvalidKey_Throws(string key) => Assert.Throws<ArgumentException>(() => new Metadata { { key, "x" } });

    [Fact]
    public void Entry_SuffixAndValue_MustAgree()
    {
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("a-bin", "text"));
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("a", [1]));
        Assert.Throws<InvalidOperationException>(() => new Metadata.Entry("a-bin", [1]).Value);
    }

    [Fact]
    public void Entry_Bytes_AreCopiedBothWays()
    {
        byte[] bytes = [1, 2];
        var entry = new Metadata.Entry("a-bin", bytes);
        bytes[0] = 9;
        entry.ValueBytes[1] = 9;
        Assert.Equal([1, 2], entry.ValueBytes);
    }

    [Fact]
    public void Empty_IsReadOnly()
    {
        Assert.True(Metadata.Empty.IsReadOnly);
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("a", "b"));
    }
}
