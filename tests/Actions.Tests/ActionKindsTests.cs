using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Actions.Tests;

/// <summary>What a kind says of itself, compared with its message: an action that is added cannot forget any of it.</summary>
public sealed class ActionKindsTests
{
    private static readonly OneofDescriptor Oneof = ActionMessage.Descriptor.Oneofs.Single(static oneof => oneof.Name == "kind");

    public static TheoryData<string> Names => [.. Oneof.Fields.Select(static kind => kind.Name)];

    [Fact]
    public void All_IsTheOneofOfTheProtocol() =>
        Assert.Equal(
            Oneof.Fields.Select(static field => (field.FieldNumber, field.Name)).Order(),
            ActionKinds.All.Select(static kind => ((int)kind.Case, kind.Name)).Order());

    [Fact]
    public void Complete_WithoutAKind_Throws() =>
        Assert.Contains("LvmProtect", Assert.Throws<InvalidOperationException>(
            static () => ActionKinds.Complete([.. ActionKinds.All.Where(static kind => kind.Case != ActionCase.LvmProtect)])).Message);

    [Fact]
    public void Complete_WithAKindTwice_Throws() =>
        Assert.Contains("Rsync", Assert.Throws<InvalidOperationException>(
            static () => ActionKinds.Complete([.. ActionKinds.All, FileActions.Rsync])).Message);

    [Theory]
    [MemberData(nameof(Names))]
    public void DryRun_IsOfferedWhereTheMessageHasIt_AndSeen(string name)
    {
        var (kind, action, fields) = Of(name);
        Assert.Equal(fields.Contains("dry_run"), kind.HasDryRun);
        Assert.False(action.IsDryRun);
        if (kind.HasDryRun)
        {
            action.MakeDryRun();
            Assert.True(action.IsDryRun);
            Assert.Equal(true, Value(action, "dry_run"));
        }
        else
        {
            Assert.Throws<InvalidOperationException>(action.MakeDryRun);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Confirmation_IsOfferedWhereTheMessageHasIt(string name)
    {
        var (kind, action, fields) = Of(name);
        Assert.Equal(fields.Contains("confirmation"), kind.Confirms);
        if (kind.Confirms)
        {
            action.Confirm("0123456789abcdef");
            Assert.Equal("0123456789abcdef", Value(action, "confirmation"));
        }
        else
        {
            Assert.Throws<InvalidOperationException>(() => action.Confirm("0123456789abcdef"));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AssumedTime_IsOfferedWhereTheMessageHasIt(string name)
    {
        var (kind, action, fields) = Of(name);
        var noon = new Timestamp { Seconds = 1_764_504_000 };
        Assert.Equal(fields.Contains("assumed_now"), kind.AssumesTime);
        if (kind.AssumesTime)
        {
            action.AssumeTime(noon);
            Assert.Equal(noon, Value(action, "assumed_now"));
        }
        else
        {
            Assert.Throws<InvalidOperationException>(() => action.AssumeTime(noon));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Kind_CanBeRunSomehow(string name) =>
        Assert.False(Of(name).Kind is { NotInPoliciesBecause: not null, NotAdHocBecause: not null });

    [Theory]
    [MemberData(nameof(Names))]
    public void EmptyMessage_HasObjects(string name)
    {
        var (kind, action, _) = Of(name);
        Assert.NotNull(kind.Objects(action));
        Assert.All(kind.DatasetsWithChangedHolds(action), Assert.NotNull);
    }

    [Fact]
    public void ActionOfNoKind_IsNone()
    {
        Assert.Null(ActionKinds.Of(null));
        Assert.Null(ActionKinds.Of(new ActionMessage()));
        Assert.False(new ActionMessage().IsDryRun);
    }

    private static (ActionKind Kind, ActionMessage Action, HashSet<string> Fields) Of(string name)
    {
        var field = Oneof.Fields.Single(field => field.Name == name);
        var action = new ActionMessage();
        field.Accessor.SetValue(action, field.MessageType.Parser.ParseFrom(ByteString.Empty));
        return (ActionKinds.Of(action)!, action, [.. field.MessageType.Fields.InDeclarationOrder().Select(static inner => inner.Name)]);
    }

    private static object Value(ActionMessage action, string field)
    {
        var inner = (IMessage)Oneof.Accessor.GetCaseFieldDescriptor(action).Accessor.GetValue(action);
        return inner.Descriptor.FindFieldByName(field).Accessor.GetValue(inner);
    }
}
