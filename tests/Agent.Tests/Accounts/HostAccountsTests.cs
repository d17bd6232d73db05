using Fleet.Agent.Accounts;

namespace Fleet.Agent.Tests.Accounts;

public class HostAccountsTests
{
    [Fact]
    public void User_WithAName_NameAndNumber() => Assert.Equal("user root (0)", HostAccounts.User(0));

    [Fact]
    public void User_ThatNobodyIs_TheNumber() => Assert.Equal("user 4000000000", HostAccounts.User(4_000_000_000));
}
