using Fleet.Cli.Outcomes;
using Fleet.Cli.Tests.Scripted;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Cli.Tests.Connection;

/// <summary>A coordinator in the wrong hands answers with times that are none: every command still prints the rest.</summary>
public sealed class HostileAnswerTests : IAsyncLifetime
{
    private static readonly (long Seconds, int Nanos)[] Times =
    [
        (long.MaxValue, 0),
        (long.MinValue, 0),
        (1, -1),
        (0, int.MaxValue),
        (253_402_300_800, 0),
    ];
    private readonly Terminal _terminal = new() { Time = Fleets.Clock() };
    private ScriptedCoordinator _coordinator = null!;

    public static TheoryData<string> Commands =>
        ["status", "hosts", "host web1", "policies", "policy nightly-home", "runs", "run show 3f9c2a", "logs 3f9c2a"];

    public async ValueTask InitializeAsync()
    {
        _coordinator = await ScriptedCoordinator.StartAsync();
        _terminal.With(_coordinator);
    }

    public async ValueTask DisposeAsync()
    {
        await _coordinator.DisposeAsync();
        _terminal.Dispose();
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task EveryInstant_OutOfRange_IsLeftOut(string command)
    {
        foreach (var time in Times)
        {
            _coordinator.Script
                .On<GetStatusRequest, GetStatusResponse>("GetStatus", _ => Spoil(
                    new GetStatusResponse { At = new(), StartedAt = new(), Attention = { new Attention { Since = new(), Message = "m" } } },
                    time))
                .On<ListHostsRequest, ListHostsResponse>(
                    "ListHosts", _ => Spoil(new ListHostsResponse { Hosts = { Fleets.Web1, Fleets.Nas } }, time))
                .On<GetHostRequest, Host>("GetHost", _ => Spoil(Fleets.Web1, time))
                .On<ListPoliciesRequest, ListPoliciesResponse>(
                    "ListPolicies", _ => Spoil(new ListPoliciesResponse { Policies = { Fleets.Nightly } }, time))
                .On<GetPolicyRequest, Policy>("GetPolicy", _ => Spoil(Fleets.Nightly, time))
                .On<ListRunsRequest, ListRunsResponse>(
                    "ListRuns", _ => Spoil(new ListRunsResponse { Runs = { Fleets.Succeeded, Fleets.Running } }, time))
                .On<GetRunRequest, Run>("GetRun", _ => Spoil(Fleets.Succeeded, time))
                .On<ListRunLogRequest, ListRunLogResponse>(
                    "ListRunLog",
                    _ => Spoil(new ListRunLogResponse { Lines = { new LogLine { Number = 1, Text = "a", At = new() } } }, time));
            var words = command.Split(' ');
            foreach (string[] arguments in new string[][] { words, [.. words, "--json"] })
            {
                var code = await _terminal.RunAsync(arguments);
                Assert.True(
                    code is ExitCode.Ok or ExitCode.NotWell, $"{string.Join(' ', arguments)} with {time}: {code}\n{_terminal.Error}");
            }
        }
    }

    /// <summary>Puts the time into every field that can hold one.</summary>
    private static T Spoil<T>(T message, (long Seconds, int Nanos) time)
        where T : IMessage
    {
        Spoil((IMessage)message, time);
        return message;
    }

    private static void Spoil(IMessage message, (long Seconds, int Nanos) time)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder().Where(f => f.FieldType == FieldType.Message && !f.IsMap))
        {
            if (field.IsRepeated)
            {
                foreach (IMessage item in (System.Collections.IList)field.Accessor.GetValue(message))
                {
                    Spoil(item, time);
                }
            }
            else if (field.MessageType.FullName == Timestamp.Descriptor.FullName)
            {
                field.Accessor.SetValue(message, new Timestamp { Seconds = time.Seconds, Nanos = time.Nanos });
            }
            else if (field.MessageType.FullName == Duration.Descriptor.FullName)
            {
                field.Accessor.SetValue(message, new Duration { Seconds = time.Seconds, Nanos = time.Nanos });
            }
            else if (field.Accessor.GetValue(message) is IMessage inner)
            {
                Spoil(inner, time);
            }
        }
    }
}
