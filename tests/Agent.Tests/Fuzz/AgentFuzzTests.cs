using System.Collections.Concurrent;
using Fleet.Agent.Journal;
using Fleet.Agent.LocalSchedule;
using Fleet.Agent.Outbox;
using Fleet.Agent.Tests.Session;
using Fleet.Protocol.V1;
using Fleet.Testing.Fuzz;
using Grpc.Core;

namespace Fleet.Agent.Tests.Fuzz;

/// <summary>
/// A coordinator that sends every message with anything in every field to a real agent over real gRPC. The agent must not crash, hang or
/// store what it cannot use; and afterwards it works for an honest coordinator, also after a restart.
/// </summary>
public sealed class AgentFuzzTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(300);
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<OutboxEntry> _told = new();
    private readonly TaskCompletionSource _allSent = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task EveryMessage_WithAnythingInIt_HurtsNobody()
    {
        FuzzRun.Print("agent");
        var messages = Messages();
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        var left = FuzzRun.Messages * 4 / 10;
        coordinator.Plays.OnSession = async (reader, writer, _) =>
        {
            await reader.MoveNext(CancellationToken.None);
            var welcome = messages.Make<Welcome>();
            welcome.SessionId = "hostile";
            await writer.WriteAsync(new CoordinatorMessage { Welcome = welcome });
            var reading = ReadAsync(reader);
            for (; left > 0; left--)
            {
                await writer.WriteAsync(Next(messages));
            }

            // The answer to this comes after everything before it was dealt with.
            await writer.WriteAsync(new CoordinatorMessage { Heartbeat = new CoordinatorHeartbeat { Number = 4711 } });
            await reading;
        };
        await using (var agent = new AgentFixture(_folder.Path, coordinator))
        {
            await _allSent.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
            Assert.True(agent.Refused.Count > 0, "some were refused");
            agent.Runs.Runs.Tick();
            await WorksAsync(coordinator, agent, "honest-1");
        }

        StoredStateIsGood();
        await using (var again = new AgentFixture(_folder.Path, coordinator))
        {
            await WorksAsync(coordinator, again, "honest-2");
        }

        Assert.DoesNotContain(_told, e => e.RunFinished?.Result.Message.Contains("bug in the agent", StringComparison.Ordinal) == true);
        Assert.Contains(_told, e => e.RunFinished is not null);
        Assert.Equal(
            ["assignment.pb", "identity", "journal", "outbox", "session.json"],
            Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private static RandomMessages Messages()
    {
        var messages = new RandomMessages(FuzzRun.Seed);
        var runs = Enumerable.Range(0, 100).Select(_ => messages.Hex(32)).ToArray();
        messages.Sensible["run_id"] = random => runs[random.Next(runs.Length)];
        messages.Sensible["attempt"] = random => $"{random.Next(1, 3)}";
        messages.Sensible["policy"] = random => $"p{random.Next(20)}";
        messages.Sensible["name"] = random => $"p{random.Next(20)}";
        messages.Sensible["policy_revision"] = _ => "1";
        messages.Sensible["revision"] = random => $"{random.Next(1, 100)}";
        messages.Sensible["outbox_sequence"] = random => $"{random.Next(1, 100)}";
        messages.Sensible["snapshots_of"] = _ => "nightly";
        return messages;
    }

    private static CoordinatorMessage Next(RandomMessages messages)
    {
        var message = messages.Make<CoordinatorMessage>();
        switch (message.KindCase)
        {
            case CoordinatorMessage.KindOneofCase.Notice
                when message.Notice.Code is SessionNoticeCode.GoingAway or SessionNoticeCode.Revoked:
                // Both are orders to end the session, which the agent follows: nothing more would arrive.
                message.Notice.Code = SessionNoticeCode.ClockSkew;
                return message;
            case CoordinatorMessage.KindOneofCase.Assignment when messages.Random.Next(4) > 0:
                // Each is forced to disk.
                return new CoordinatorMessage { Cancel = messages.Make<CancelRun>() };
            default:
                return message;
        }
    }

    private async Task ReadAsync(IAsyncStreamReader<AgentMessage> reader)
    {
        while (await reader.MoveNext(CancellationToken.None))
        {
            if (reader.Current.Outbox is { } entry)
            {
                _told.Enqueue(entry);
            }

            if (reader.Current.Heartbeat is { AnswerTo: 4711 })
            {
                _allSent.TrySetResult();
            }
        }
    }

    /// <summary>A coordinator that behaves gets a run done.</summary>
    private async Task WorksAsync(ScriptedCoordinator coordinator, AgentFixture agent, string name)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        coordinator.Plays.OnSession = async (reader, writer, _) =>
        {
            await reader.MoveNext(CancellationToken.None);
            await writer.WriteAsync(new CoordinatorMessage { Welcome = new Welcome { SessionId = name } });
            await writer.WriteAsync(
                new CoordinatorMessage
                {
                    Run = new RunCommand
                    {
                        RunId = RunIds.Of(name),
                        Attempt = 1,
                        Policy = name,
                        Action = new() { Command = new CommandAction { Program = "/bin/true" } },
                    },
                });
            while (await reader.MoveNext(CancellationToken.None))
            {
                if (reader.Current.Outbox is { } entry)
                {
                    _told.Enqueue(entry);
                    await writer.WriteAsync(new CoordinatorMessage { Acknowledge = new Acknowledge { OutboxSequence = entry.Sequence } });
                    if (entry.RunFinished is { Result.Outcome: ActionOutcome.Succeeded } finished && finished.RunId == RunIds.Of(name))
                    {
                        done.TrySetResult();
                    }
                }
            }
        };

        // Another file of the identity ends the session that is open, and begins the next one.
        coordinator.Enrol(agent.Identities, TimeSpan.FromMinutes(1));
        await done.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    private void StoredStateIsGood()
    {
        var assignments = new AssignmentStore(_folder.File("assignment.pb"), out var damage);
        Assert.Null(damage);
        Assert.Empty(assignments.Current.Problems);
        using var journal = RunJournal.Open(_folder.File("journal"), "boot", out damage);
        Assert.Null(damage);
        using var outbox = ResultOutbox.Open(_folder.File("outbox"), TimeProvider.System, out damage);
        Assert.Null(damage);
    }
}
