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
        Assert.DoesNotContain(findings.Violations.Select(static v => v.Field + v.Message).Concat(findings.Warnings), static text => text.Any(char.IsControl));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EventAttributes_OfAFullResult_AreBoundedAndDocumented(string name)
    {
        var documented = Regex.Matches(File.ReadAllText(Path.Join(Repository.Root, "docs", "events.md")), "`([a-z_]+)`").Select(static match => match.Groups[1].Value).ToHashSet();
        var attributes = new EventAttributes();

        ActionRules.Of(Empty(name))!.AddEventAttributes(new MessageSamples(depth: 3, new string('x', 5_000)).One<ActionResult>(), isDryRun: false, attributes);

        Assert.All(attributes.ToDictionary(), attribute =>
        {
            Assert.InRange(attribute.Value.Length, 1, 1_000);
            Assert.Contains(attribute.Key, documented);
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Doomed_DryRun_IsNothing(string name)
    {
        var action = new MessageSamples(depth: 2).One<ActionMessage>(name);

        Assert.True(!action.IsDryRun || ActionRules.Of(action)!.Doomed(action) is null);
    }

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
