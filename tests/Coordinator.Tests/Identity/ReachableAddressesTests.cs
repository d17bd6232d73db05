using System.Net;
using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Identity;

namespace Fleet.Coordinator.Tests.Identity;

public sealed class ReachableAddressesTests
{
    private static readonly ServerNames Names = new(
        ["localhost", "vault", "vault.example.org"],
        [IPAddress.Loopback, IPAddress.IPv6Loopback, IPAddress.Parse("fd00::7"), IPAddress.Parse("10.0.0.7")]);

    [Fact]
    public void Configured_names_come_first_and_loopback_never() =>
        Assert.Equal(
            [
                "https://fleet.example.org:7443",
                "https://vault.example.org:7443",
                "https://vault:7443",
                "https://10.0.0.7:7443",
                "https://[fd00::7]:7443",
            ],
            ReachableAddresses.Of(new CoordinatorOptions { ServerNames = ["fleet.example.org", "localhost", "127.0.0.1"] }, Names));

    [Fact]
    public void Only_addresses_that_are_listened_on_are_offered() =>
        Assert.Equal(
            ["https://vault.example.org:8443", "https://vault:8443", "https://10.0.0.7:8443"],
            ReachableAddresses.Of(new CoordinatorOptions { Listen = [new IPEndPoint(IPAddress.Parse("10.0.0.7"), 8443)] }, Names));

    [Fact]
    public void A_coordinator_that_listens_on_loopback_alone_offers_only_what_was_configured()
    {
        var local = new CoordinatorOptions { Listen = [new IPEndPoint(IPAddress.Loopback, 7443)] };

        Assert.Empty(ReachableAddresses.Of(local, Names));
        Assert.Equal(
            ["https://tunnel.example.org:7443"],
            ReachableAddresses.Of(local with { ServerNames = ["tunnel.example.org"] }, Names));
    }
}
