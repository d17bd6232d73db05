using Fleet.Coordinator.Limits;
using Fleet.Testing;
using Microsoft.Extensions.Logging;

namespace Fleet.Coordinator.Tests.Limits;

public sealed class StrangerLogTests
{
    [Fact]
    public void Refused_ManyCalls_IsAFewLines_AndTheNextTellsHowManyWereLeftOut()
    {
        var clock = new FakeTimeProvider();
        var lines = new Lines();
        var log = new StrangerLog(clock, lines);

        for (var i = 0; i < 40_000; i++)
        {
            log.Refused("/fleet.v1.FleetService/ListHosts", "192.0.2.1", "this call needs an identity");
        }

        Assert.Equal(StrangerLog.PerAddressAndMinute, lines.Count);
        clock.Advance(TimeSpan.FromMinutes(1));
        log.ConnectionClosed("192.0.2.1", "it showed no identity");
        Assert.Equal(StrangerLog.PerAddressAndMinute + 2, lines.Count);
        Assert.StartsWith($"{40_000 - StrangerLog.PerAddressAndMinute} lines", lines[^2], StringComparison.Ordinal);
    }

    [Fact]
    public void Refused_FromEveryAddressOfOneMachine_CountsAsOne()
    {
        var lines = new Lines();
        var log = new StrangerLog(new FakeTimeProvider(), lines);

        for (var i = 0; i < 1_000; i++)
        {
            log.Refused("/x", $"2001:db8::{i:x}", "no");
        }

        Assert.Equal(StrangerLog.PerAddressAndMinute, lines.Count);
    }

    private sealed class Lines : List<string>, ILogger<StrangerLog>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => Add(formatter(state, exception));
    }
}
