using System.Text;
using Fleet.Agent.Runs;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Fleet.Testing;

namespace Fleet.Agent.Tests.Runs;

public sealed class LogRateTests : IRunSink
{
    private readonly FakeTimeProvider _clock = new();
    private readonly List<RunLogLines> _lines = [];
    private readonly List<RunProgressUpdate> _progress = [];

    void IRunSink.Show(RunLogLines lines) => _lines.Add(lines);

    void IRunSink.Show(RunProgressUpdate progress) => _progress.Add(progress);

    [Theory]
    [InlineData(10, LogRates.LinesPerSecond)]
    [InlineData(8_000, LogRates.LineBytesPerSecond / (8_000 + LogRates.LineOverhead))]
    public void SeveralRuns_ShowTogetherWhatOneHostMay(int length, int mostPerSecond)
    {
        var logs = Logs(4);
        var text = Encoding.UTF8.GetBytes(new string('x', length));
        for (var second = 0; second < 3; second++)
        {
            for (var i = 0; i < 1_000; i++)
            {
                logs[i % 4].Line(LogStream.Stdout, text);
            }

            logs.ForEach(log => log.Flush());
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(_lines.Sum(lines => lines.Lines.Count), (3 * mostPerSecond) - 3, 3 * mostPerSecond);
        Assert.All(logs, log => Assert.NotEmpty(log.Tail()));
    }

    [Fact]
    public void ProgressOfManyRuns_IsBoundedAndTheNewestIsNotLost()
    {
        var logs = Logs(30);
        logs.ForEach(log => log.Progress(new RunProgress { BytesDone = 1 }));
        logs.ForEach(log => log.Flush());
        Assert.Equal(LogRates.ProgressPerSecond, _progress.Count);

        _clock.Advance(TimeSpan.FromSeconds(1));
        logs.ForEach(log => log.Flush());
        Assert.Equal(30, _progress.Select(update => update.RunId).Distinct().Count());
    }

    private List<RunLog> Logs(int count)
    {
        var rate = new LogRate(_clock);
        return [.. Enumerable.Range(0, count).Select(i => new RunLog($"{i:x32}", 1, this, rate, _clock))];
    }
}
