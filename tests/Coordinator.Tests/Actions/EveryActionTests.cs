using System.Text.RegularExpressions;
using Fleet.Actions;
using Fleet.Coordinator.Actions;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Fleet.Testing.Samples;

namespace Fleet.Coordinator.Tests.Actions;

/// <summary>The same questions to each action, so that a new one is asked them, too.</summary>
public sealed class EveryActionTests
{
    private const string Hostile = "-rf\n\u001b[2J$(reboot)\0/../";

    public static TheoryData<string> Names => [.. ActionKinds.All.Select(static kind => kind.Name)];

    [Fact]
    public void All_AreTheKinds() =>
        Assert.Equal(ActionKinds.All.Select(static kind => kind.Case).Order(), ActionRules.All.Select(static rules => rules.Case).Order());

    [Theory]
    [MemberData(nameof(Names))]
    public void Validate_Empty_NamesFieldsOfItsMessage(string name)
    {
        var findings = Validate(Empty(name));

        Assert.All(findings.Violations, violation => Assert.StartsWith($"action.{name}.", violation.Field, StringComparison.Ordinal));
        Assert.Equal(name == "clock_accept", findings.Violations.Count == 0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Validate_HostileTexts_AreRefusedAndNotRepeatedAsTheyAre(string name)
    {
        var findings = Validate(new MessageSamples(depth: 3, Hostile).One<ActionMessage>(name));

        Assert.Equal(name == "clock_accept", findings.Violations.Count == 0);
        Assert.DoesNotContain(findings.Violations.Select(static v => v.Field + v.Message).Concat(findings.Warnings), static text =>
            text.Any(char.IsControl));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EventAttributes_OfAFullResult_AreBoundedAndDocumented(string name)
    {
        var documented = Regex
            .Matches(File.ReadAllText(Path.Join(Repository.Root, "docs", "events.md")), "`([a-z_]+)`")
            .Select(static match => match.Groups[1].Value)
            .ToHashSet();
        var attributes = new EventAttributes();

        ActionRules
            .Of(Empty(name))!
            .AddEventAttributes(new MessageSamples(depth: 3, new string('x', 5_000)).One<ActionResult>(), isDryRun: false, attributes);

        Assert.All(attributes.ToDictionary(), attribute =>
        {
            Assert.InRange(attribute.Value.Length, 1, 1_000);
            Assert.Contains(attribute.Key, documented);
        });
    }

    public static TheoryData<string, string> Dooms => new()
    {
        { "zfs_prune", "Zfs of nightly" },
        { "lvm_prune", "Lvm of nightly" },
        { "zfs_rollback", "Zfs 1,2" },
        { "lvm_restore", "Lvm uuid" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Doomed_IsWhatTheActionDestroys_AndNothingInADryRun(string name)
    {
        var action = Empty(name);
        _ = action.KindCase switch
        {
            ActionMessage.KindOneofCase.ZfsPrune => action.ZfsPrune.SnapshotsOf = "nightly",
            ActionMessage.KindOneofCase.LvmPrune => action.LvmPrune.SnapshotsOf = "nightly",
            ActionMessage.KindOneofCase.LvmRestore => action.LvmRestore.Uuid = "uuid",
            _ => "",
        };
        action.ZfsRollback?.Destroy.Add([new ZfsSnapshotRef { Guid = 1 }, new ZfsSnapshotRef { Guid = 2 }]);

        Assert.Equal(
            Dooms.Where(row => row.Data.Item1 == name).Select(static row => row.Data.Item2).SingleOrDefault(),
            Text(ActionRules.Of(action)!.Doomed(action)));
        if (ActionKinds.Of(action)!.HasDryRun)
        {
            action.MakeDryRun();
            Assert.Null(ActionRules.Of(action)!.Doomed(action));
        }
    }

    [Fact]
    public void NamesAllDestroyed_OfAListThatWasCutOff_IsFalse()
    {
        Assert.True(
            All(
                "zfs_prune",
                new ActionResult
                {
                    ZfsPrune = new ZfsPruneResult { DestroyedTotal = 1, Destroyed = { new ZfsSnapshotInfo() } },
                }));
        Assert.False(
            All(
                "zfs_prune",
                new ActionResult
                {
                    ZfsPrune = new ZfsPruneResult { DestroyedTotal = 2, Destroyed = { new ZfsSnapshotInfo() } },
                }));
        Assert.True(
            All(
                "lvm_prune",
                new ActionResult
                {
                    LvmPrune = new LvmPruneResult { DestroyedTotal = 1, Destroyed = { new LvmSnapshotInfo() } },
                }));
        Assert.False(
            All(
                "lvm_prune",
                new ActionResult
                {
                    LvmPrune = new LvmPruneResult { DestroyedTotal = 2, Destroyed = { new LvmSnapshotInfo() } },
                }));
        Assert.True(All("zfs_rollback", new ActionResult { ZfsRollback = new ZfsRollbackResult() }));
        Assert.False(All("zfs_rollback", new ActionResult { Outcome = ActionOutcome.Failed }));
        Assert.True(All("zfs_rollback", new ActionResult { Outcome = ActionOutcome.Refused }));
        Assert.False(All("lvm_restore", new ActionResult { LvmRestore = new LvmRestoreResult() }));

        static bool All(string name, ActionResult result) => ActionRules.Of(Empty(name))!.NamesAllDestroyed(result);
    }

    [Fact]
    public void EventAttributes_OfNumbersWithoutSense_DoNotOverflow()
    {
        var attributes = new EventAttributes();
        var result = new ActionResult
        {
            ZfsScrub = new ZfsScrubResult
            {
                Pools =
                {
                    new ZfsScrubbedPool { Errors = long.MaxValue },
                    new ZfsScrubbedPool { Errors = long.MaxValue },
                },
            },
        };

        ActionRules.Of(Empty("zfs_scrub"))!.AddEventAttributes(result, isDryRun: false, attributes);

        Assert.Equal("9223372036854775807", attributes.ToDictionary()["scrub_errors"]);
    }

    [Fact]
    public void EventAttributes_LongText_IsCutBetweenCharacters()
    {
        var attributes = new EventAttributes();

        attributes.Add("dataset", $"{new string('x', 999)}\U0001F600");

        Assert.Equal(new string('x', 999), attributes.ToDictionary()["dataset"]);
    }

    private static string? Text(DoomedSnapshots? doomed) => doomed is null ? null
        : doomed.Policy is { } policy ? $"{doomed.Kind} of {policy}"
        : $"{doomed.Kind} {string.Join(',', doomed.Identities!.Order())}";

    private static ActionMessage Empty(string name)
    {
        var action = new ActionMessage();
        var field = ActionMessage.Descriptor.FindFieldByName(name);
        field.Accessor.SetValue(action, field.MessageType.Parser.ParseFrom([]));
        return action;
    }

    private static ActionFindings Validate(ActionMessage action)
    {
        var findings = new ActionFindings();
        ActionRules.Of(action)!.Validate(action, "action", findings);
        return findings;
    }
}
