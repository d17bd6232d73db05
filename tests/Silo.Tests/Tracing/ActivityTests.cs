using System.Collections.Concurrent;
using System.Diagnostics;
using Fleet.Silo.Tests.Filters;
using Orleans.Diagnostics;

namespace Fleet.Silo.Tests.Tracing;

public sealed class ActivityTests
{
    [Fact]
    public async Task Trace_FollowsACallIntoTheGrainAndOn()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name is ActivitySources.ApplicationGrainActivitySourceName or "test",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var silo = await TestSilo.StartAsync(s => s.AddActivityPropagation());
        using var source = new ActivitySource("test");

        using (var root = source.StartActivity("root"))
        {
            await silo.Grain<IContextGrain>("traced").SeeAndSet(silo.Grain<IContextGrain>("traced too")).Soon();
            var mine = ended.Where(a => a.TraceId == root!.TraceId).ToArray();

            // Two calls, and each has a sender's and a receiver's span, one below the other.
            Assert.Equal(4, mine.Length);
            var inner = mine.Single(a => a.Kind == ActivityKind.Server && a.OperationName == "IContextGrain/See");
            var path = new List<string>();
            for (var at = inner; at is not null; at = mine.SingleOrDefault(a => a.SpanId == at.ParentSpanId))
            {
                path.Add($"{at.Kind} {at.OperationName}");
            }

            Assert.Equal(
                ["Server IContextGrain/See", "Client IContextGrain/See", "Server IContextGrain/SeeAndSet", "Client IContextGrain/SeeAndSet"],
                path);
        }
    }
}
