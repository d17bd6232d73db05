using Fleet.Agent.Tests.Session;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleet.Agent.Tests.Edge;

/// <summary>What a coordinator may send and no agent can use: a real session, and what becomes of it.</summary>
public sealed class BadOrderTests : IDisposable
{
    private static readonly string RunId = "00112233445566778899aabbccddeeff";
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Fields => [.. Spoil.Keys];

    private static Dictionary<string, Action<RunCommand>> Spoil { get; } =
        new()
        {
            ["run.expires_at"] = c => c.ExpiresAt = new Timestamp { Seconds = long.MaxValue },
            ["run.scheduled_at"] = c => c.ScheduledAt = new Timestamp { Seconds = 1, Nanos = -1 },
            ["run.timeout"] = c => c.Timeout = new Duration { Seconds = 3_000_000_000 },
            ["run.policy:"] = c => c.Policy = "../../etc",
            ["run.policy_revision"] = c => c.PolicyRevision = -1,
            ["run.action: is larger"] = c => c.Action = new() { Command = new CommandAction { Program = new string('/', 300_000) } },
            ["run.action.zfs_prune.retention.keep.within"] = c =>
                c.Action = new()
                {
                    ZfsPrune = new ZfsPruneAction
                    {
                        Retention = new() { Keep = new KeepRules { Within = new Duration { Seconds = long.MinValue } } },
                    },
                },
            ["run.action.lvm_prune.assumed_now"] = c =>
                c.Action = new() { LvmPrune = new LvmPruneAction { AssumedNow = new Timestamp { Seconds = long.MinValue } } },
            ["run.action.zfs_snapshot.before.timeout"] = c =>
                c.Action = new()
                {
                    ZfsSnapshot = new ZfsSnapshotAction { Before = new SnapshotHook { Timeout = new Duration { Seconds = -5 } } },
                },
            ["run.action.zfs_replicate.release_base_after"] = c =>
                c.Action = new() { ZfsReplicate = new ZfsReplicateAction { ReleaseBaseAfter = new Duration { Nanos = int.MaxValue } } },
        };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task Run_WithAFieldThatCannotBeUsed_FailsAndSaysWhich(string field)
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        await using var agent = await SessionAsync(coordinator, async writer =>
        {
            var command = new RunCommand
            {
                RunId = RunId,
                Attempt = 1,
                Policy = "p",
                Action = new() { Command = new CommandAction { Program = "/bin/true" } },
            };
            Spoil[field](command);
            await writer.WriteAsync(new CoordinatorMessage { Run = command });
        });

        var finished = await agent.Runs.ResultAsync(RunId);

        Assert.Equal(ActionOutcome.Failed, finished.Result.Outcome);
        Assert.False(finished.Result.Retryable);
        Assert.Contains(field, finished.Result.Message, StringComparison.Ordinal);
        Assert.Empty(agent.Runs.Action.Started);
    }

    [Fact]
    public async Task Run_WithAPathAsItsId_ReachesNothingAndIsTold()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        await using var agent = await SessionAsync(coordinator, async writer =>
        {
            foreach (var id in new[] { "/../../../../etc/fleet/guard.yaml", "", new string('a', 33), "..", "\0" })
            {
                await writer.WriteAsync(
                    new CoordinatorMessage
                    {
                        Run = new RunCommand
                        {
                            RunId = id,
                            Attempt = 1,
                            Policy = "p",
                            Action = new() { Command = new CommandAction { Program = "/bin/true" } },
                        },
                    });
            }
        });

        await Eventually.TrueAsync(() => agent.Runs.Sent.Any(e => e.Notice is { Code: "coordinator_message_refused" }), "the notice");
        Assert.Contains("run.run_id", agent.Runs.Sent.Single(e => e.Notice is not null).Notice.Message, StringComparison.Ordinal);
        Assert.Empty(agent.Runs.Results);
        Assert.Empty(agent.Runs.Action.Started);
    }

    [Fact]
    public async Task Assignment_WithOneBadPolicy_LeavesOnlyThatOneOutAndKeepsTheOthers()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        await using (
            var agent = await SessionAsync(coordinator, async writer =>
                await writer.WriteAsync(new CoordinatorMessage { Assignment = Poisoned() })))
        {
            await Eventually.TrueAsync(() => agent.Assignments.Current.Revision == 3, "the assignment is taken");
            Assert.Equal(["good"], agent.Assignments.Current.Policies.Select(p => p.Name));
            await Eventually.TrueAsync(() => agent.Runs.Sent.Count(e => e.Notice is { Code: "policy_refused" }) == 6, "a notice for each");
            Assert.Contains(agent.Runs.Sent, e =>
                e.Notice?.Attributes.GetValueOrDefault("policy") == "covered"
                && e.Notice.Message.Contains("covered_until", StringComparison.Ordinal));
        }

        var stored = new Fleet.Agent.LocalSchedule.AssignmentStore(_folder.File("assignment.pb"), out var damage);
        Assert.Null(damage);
        Assert.Equal(["good"], stored.Current.Policies.Select(p => p.Name));
    }

    [Fact]
    public async Task Acknowledge_OfWhatWasNeverSent_DoesNotStopTheOutbox()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        coordinator.Plays.OnSession = async (reader, writer, _) =>
        {
            await reader.MoveNext(CancellationToken.None);
            await writer.WriteAsync(
                new CoordinatorMessage
                {
                    Welcome = new Welcome
                    {
                        SessionId = "s",
                        AcknowledgedSequence = long.MaxValue,
                        AcknowledgedOutboxId = reader.Current.Hello.OutboxId,
                    },
                });
            await writer.WriteAsync(
                new CoordinatorMessage
                {
                    Acknowledge = new Acknowledge
                    {
                        OutboxSequence = long.MaxValue,
                        MetricsSequence = long.MaxValue,
                        StorageGeneration = long.MaxValue,
                    },
                });
            await writer.WriteAsync(new CoordinatorMessage { Acknowledge = new Acknowledge { OutboxSequence = long.MinValue } });
            while (await reader.MoveNext(CancellationToken.None))
            {
                if (reader.Current.Outbox?.Notice?.Code == "later")
                {
                    arrived.TrySetResult();
                }
            }
        };
        await using var agent = new AgentFixture(_folder.Path, coordinator);
        await agent.SaysAsync("connected to");
        agent.Runs.Ledger.Notice("later", "it comes after that");

        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    private static Assignment Poisoned()
    {
        var every = Duration.FromTimeSpan(TimeSpan.FromMinutes(15));
        AssignedPolicy Policy(string name, Action<AssignedPolicy> spoil)
        {
            var policy = new AssignedPolicy
            {
                Spec = new PolicySpec
                {
                    Name = name,
                    Schedule = new Schedule { Every = every.Clone() },
                    Action = new() { Command = new CommandAction { Program = "/bin/true" } },
                },
            };
            spoil(policy);
            return policy;
        }

        return new Assignment
        {
            Revision = 3,
            AutonomyGrace = new Duration { Seconds = long.MaxValue },
            Policies =
            {
                Policy("good", _ => { }),
                Policy("covered", p => p.CoveredUntil = new Timestamp { Seconds = long.MaxValue }),
                Policy("every", p => p.Spec.Schedule.Every = new Duration { Seconds = long.MaxValue }),
                Policy("spread", p => p.Spec.Schedule.Spread = new Duration { Seconds = -1 }),
                Policy("expire", p => p.Spec.ExpireAfter = new Duration { Nanos = int.MinValue }),
                Policy("timeout", p => p.Spec.Timeout = new Duration { Seconds = 1L << 40 }),
            },
        };
    }

    private async Task<AgentFixture> SessionAsync(ScriptedCoordinator coordinator, Func<IServerStreamWriter<CoordinatorMessage>, Task> say)
    {
        coordinator.Plays.OnSession = async (reader, writer, _) =>
        {
            await reader.MoveNext(CancellationToken.None);
            await writer.WriteAsync(new CoordinatorMessage { Welcome = new Welcome { SessionId = "s" } });
            await say(writer);
            while (await reader.MoveNext(CancellationToken.None))
            {
            }
        };
        var agent = new AgentFixture(_folder.Path, coordinator);
        await agent.SaysAsync("connected to");
        return agent;
    }
}
