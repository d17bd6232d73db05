using Fleet.Coordinator.State.Identity;

namespace Fleet.Coordinator.Tests.State.Identity;

public sealed class CredentialTests
{
    [Fact]
    public void Parse_OfWhatWasRevealed_MatchesItsHashAndNoOther()
    {
        var made = Credential.Create(Credential.JoinPrefix);
        var read = Credential.Parse(Credential.JoinPrefix, made.Reveal());

        Assert.NotNull(read);
        Assert.Equal(made.Id, read.Id);
        Assert.True(read.Matches(made.SecretHash));
        Assert.False(read.Matches(Credential.Create(Credential.JoinPrefix).SecretHash));
    }

    [Theory]
    [InlineData("")]
    [InlineData("fleet1")]
    [InlineData("fleet1.abc.def")]
    [InlineData("fleetop.abcdefgh.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("fleet1.ABCDEFGH.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("fleet1.abcdefgh.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")]
    [InlineData("fleet1.abcdefgh.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.x")]
    public void Parse_OtherForm_IsRefused(string text) => Assert.Null(Credential.Parse(Credential.JoinPrefix, text));

    [Fact]
    public void ToString_NeverShowsTheSecret()
    {
        var made = Credential.Create(Credential.OperatorPrefix);

        Assert.DoesNotContain(made.Reveal().Split('.')[2], made.ToString(), StringComparison.Ordinal);
    }
}
