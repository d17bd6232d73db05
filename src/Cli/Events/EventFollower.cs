using Fleet.Cli.Commands;
using Fleet.Cli.Connection;
using Fleet.Cli.Output;
using Fleet.Cli.Runs;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Events;

/// <summary>Prints each event once. After a lost stream, it resumes after the last event that was printed.</summary>
internal sealed class EventFollower(Invocation invocation)
{
    /// <summary>Wrapped lines are indented below the date, so that none looks like a new event.</summary>
    private const int BelowIndent = 8;

    private long _cursor;

    /// <summary>The number of events that were printed.</summary>
    public long Printed { get; private set; }

    public async Task FollowAsync(SubscribeRequest request)
    {
        _cursor = request.AfterSequence;
        await new Reconnecting(invocation.Environment).ReadAsync(
            token =>
            {
                var next = request.Clone();
                next.AfterSequence = _cursor;
                return invocation.Connection.Events.Subscribe(next, FleetConnection.Stream(token));
            },
            response =>
            {
                Take(response);
                return ValueTask.FromResult(true);
            },
            (why, pause) => invocation.Out.Note($"lost the coordinator ({why}); continuing after event {_cursor} in "
                + $"{HumanText.Span(pause)}"),
            endsByItself: request.ReplayOnly,
            invocation.Cancellation);
    }

    private void Take(SubscribeResponse response)
    {
        switch (response.KindCase)
        {
            case SubscribeResponse.KindOneofCase.Heartbeat:
                _cursor = Math.Max(_cursor, response.Heartbeat.Sequence);
                break;
            case SubscribeResponse.KindOneofCase.Event when response.Event.Sequence > _cursor:
                _cursor = response.Event.Sequence;
                Printed++;
                Print(response.Event);
                break;
        }
    }

    private void Print(Event e)
    {
        if (invocation.Json)
        {
            invocation.Out.Message(e);
        }
        else
        {
            // Messages often name their subject; it is not printed twice.
            var about = string.Join(' ', new[] { e.HostName, e.Policy, RunTable.ShortId(e.RunId) }
                .Where(s => s.Length > 0 && !e.Message.Contains(s, StringComparison.Ordinal)));
            invocation.Out.Hanging(
                BelowIndent,
                new Cell($"{e.Sequence,6}  {HumanText.Instant(e.At, invocation.Environment.Time)}  ", Tone.Quiet),
                new Cell(Mark(e.Severity), Tones(e.Severity)),
                new Cell($"{e.Type,-20}", Tones(e.Severity)),
                "  ",
                new Cell(about.Length > 0 ? $"{about}: " : "", Tone.Strong),
                e.Message);
        }

        invocation.Out.Flush();
    }

    private static string Mark(EventSeverity severity) => severity switch
    {
        EventSeverity.Error => "E ",
        EventSeverity.Warning => "W ",
        _ => "  ",
    };

    private static Tone Tones(EventSeverity severity) => severity switch
    {
        EventSeverity.Error => Tone.Bad,
        EventSeverity.Warning => Tone.Doubtful,
        _ => Tone.Plain,
    };
}
