using System.Net;
using Fleet.Coordinator.Identity;
using Fleet.Testing;

namespace Fleet.Coordinator.Tests.Identity;

public sealed class AttemptLimiterTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void TryCall_AfterTooManyFailures_IsRefusedUntilTimePasses()
    {
        var limiter = new AttemptLimiter(_clock);
        var address = IPAddress.Parse("192.0.2.1");
        for (var i = 0; i < AttemptLimiter.FailureBurst; i++)
        {
            Assert.True(limiter.TryCall(address));
            limiter.Failed(address);
        }

        Assert.False(limiter.TryCall(address));
        Assert.True(limiter.TryCall(IPAddress.Parse("192.0.2.2")));
        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.True(limiter.TryCall(address));
    }

    [Fact]
    public void TryCall_OneNetworkOfIPv6_IsOneCaller()
    {
        var limiter = new AttemptLimiter(_clock);
        for (var i = 0; i < AttemptLimiter.FailureBurst; i++)
        {
            limiter.Failed(IPAddress.Parse($"2001:db8::{i + 1:x}"));
        }

        Assert.False(limiter.TryCall(IPAddress.Parse("2001:db8::ffff")));
        Assert.True(limiter.TryCall(IPAddress.Parse("2001:db8:0:1::1")));
    }

    [Fact]
    public void Failed_FromMoreAddressesThanAreRemembered_SharesOneBucket()
    {
        var limiter = new AttemptLimiter(_clock);
        for (var i = 0; i < AttemptLimiter.MaxAddresses + AttemptLimiter.FailureBurst; i++)
        {
            limiter.Failed(new IPAddress(0x0a000000L + i));
        }

        Assert.False(limiter.TryCall(IPAddress.Parse("198.51.100.1")));
    }
}
