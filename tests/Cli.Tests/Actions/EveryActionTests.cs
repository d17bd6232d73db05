using Fleet.Actions;
using Fleet.Cli.Actions;
using Fleet.Cli.Policies.Files;
using Fleet.Testing.Samples;
using Google.Protobuf.Reflection;

namespace Fleet.Cli.Tests.Actions;

/// <summary>The same questions to each action, so that a new one is asked them, too.</summary>
public sealed class EveryActionTests
{
    private static readonly Dictionary<string, ActionMessage> Written = Samples();

    public static TheoryData<string> Names => [.. ActionKinds.All.Select(static kind => kind.Name)];

    public static TheoryData<string> NamesInPolicies =>
        [.. ActionKinds.All.Where(static kind => kind.NotInPoliciesBecause is null).Select(static kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Describe_FullAndEmpty_SaysSomething(string name)
    {
        Assert.NotEmpty(ActionText.Describe(new MessageSamples(depth: 3).One<ActionMessage>(name)));
        Assert.NotEmpty(ActionText.Describe(Empty(name)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ResultFacts_OfAFullResult_AreNamed(string name)
    {
        var result = new MessageSamples(depth: 3).One<Protocol.V1.ActionResult>();

        var facts = ActionText.Of(Empty(name))!.ResultFacts(result, isDryRun: false).Select(static fact => fact.Name).ToList();

        Assert.Equal(facts.Distinct(), facts);
        Assert.DoesNotContain("", facts);
    }

    [Fact]
    public void ResultFacts_OfARestore_AreThoseOfRsyncAndItsOwn()
    {
        var result = new Protocol.V1.ActionResult
        {
            Rsync = new Protocol.V1.RsyncStatistics { Files = 3 },
            RestoreFiles = new Protocol.V1.RestoreFilesResult { Source = "tank/data@monday" },
        };

        var facts = ActionText
            .All.SelectMany(text => text.ResultFacts(result, isDryRun: false))
            .Where(static fact => fact.Value.Text.Length > 0)
            .Select(static fact => fact.Name);

        Assert.Equal(["files", "size", "over the wire", "restored from"], facts);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Renamed_AreFieldsOfItsMessage(string name)
    {
        var message = ActionMessage.Descriptor.FindFieldByName(name).MessageType;

        Assert.All(ActionText.Of(Empty(name))!.Renamed, renamed => Assert.True(Has(message, renamed.Proto.Split('.')), renamed.Proto));
    }

    [Theory]
    [MemberData(nameof(NamesInPolicies))]
    public void Sample_AsWritten_IsReadAndDescribed(string name)
    {
        Assert.True(Written.TryGetValue(name, out var action), $"no file in samples/good has the action {name}");
        Assert.Equal(name, ActionKinds.Of(action)!.Name);
        Assert.Contains(Subject(action), ActionText.Describe(action), StringComparison.Ordinal);
    }

    /// <summary>A text of the file that people look for.</summary>
    private static string Subject(ActionMessage action)
    {
        var subject = action.ZfsPrune?.SnapshotsOf
            ?? action.LvmPrune?.SnapshotsOf
            ?? action.ZfsReplicate?.Source
            ?? ActionKinds.Of(action)!.Objects(action).Split(',')[0];
        Assert.NotEmpty(subject);
        return subject;
    }

    private static bool Has(MessageDescriptor? message, ReadOnlySpan<string> path) =>
        path.IsEmpty
        || (
            message?.FindFieldByName(path[0]) is { } field
            && Has(field.FieldType == FieldType.Message ? field.MessageType : null, path[1..]));

    private static ActionMessage Empty(string name)
    {
        var action = new ActionMessage();
        var field = ActionMessage.Descriptor.FindFieldByName(name);
        field.Accessor.SetValue(action, field.MessageType.Parser.ParseFrom([]));
        return action;
    }

    private static Dictionary<string, ActionMessage> Samples()
    {
        var specs = Directory.GetFiles(Path.Join(AppContext.BaseDirectory, "samples", "good"), "*.yaml").Order()
            .SelectMany(static file => PolicyFiles.Read([file], static () => throw new InvalidOperationException("no input")).Value!)
            .Select(static document => document.Spec.Action);
        return specs.DistinctBy(static action => action.KindCase).ToDictionary(static action => ActionKinds.Of(action)!.Name);
    }
}
