using Fleet.Agent.Logging;
using Fleet.Testing;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Tests.Logging;

public sealed class ConsoleLogTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly StringWriter _output = new();
    private readonly ConsoleLog _log;
    private readonly ILogger _logger;

    public ConsoleLogTests()
    {
        _log = new ConsoleLog(_output, journal: true, _clock);
        _logger = _log.CreateLogger("Fleet.Agent.Runs.RunManager");
    }

    private string[] Lines => _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public void Dispose()
    {
        _log.Dispose();
        _output.Dispose();
    }

    [Fact]
    public void EndlessBadOrders_LeaveABoundedLog_AndTheNextLineTellsHowManyWereLeftOut()
    {
        for (var i = 0; i < 100_000; i++)
        {
            Say(LogLevel.Warning, $"Run {i} cannot be carried out");
        }

        Assert.Equal(LineBudget.LineBurst, Lines.Length);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Say(LogLevel.Warning, "the next");
        Assert.Equal(
            ["<4>ConsoleLog: 99000 lines were left out here: they came faster than this log takes them", "<4>RunManager: the next"],
            Lines[^2..]);
    }

    [Fact]
    public void Errors_AreWrittenWhateverElseFloodsTheLog()
    {
        for (var i = 0; i < 10_000; i++)
        {
            Say(LogLevel.Information, "noise");
        }

        Say(LogLevel.Error, "No run starts until the agent's state can be written");

        Assert.StartsWith("<3>RunManager: No run starts", Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void LongLine_IsCut_AndManyOfThemAreBoundedInBytes()
    {
        for (var i = 0; i < 1_000; i++)
        {
            Say(LogLevel.Warning, new string('x', 1_000_000));
        }

        Assert.EndsWith("...", Lines[0], StringComparison.Ordinal);
        Assert.InRange(_output.ToString().Length, 1, 600_000);
    }

    private void Say(LogLevel level, string text) => _logger.Log(level, default, text, null, static (state, _) => state);
}
