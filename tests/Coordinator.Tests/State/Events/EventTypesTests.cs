using System.Reflection;
using System.Text.RegularExpressions;
using Fleet.Coordinator.State.Events;
using Fleet.Testing;

namespace Fleet.Coordinator.Tests.State.Events;

public sealed partial class EventTypesTests
{
    [Fact]
    public void EveryType_IsInTheReference_AndTheReferenceHasNoOther()
    {
        var types = typeof(EventTypes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetRawConstantValue()!)
            .Where(type => !type.EndsWith('.'))
            .Order()
            .ToList();
        var reference = File.ReadAllText(Path.Combine(Repository.Root, "docs/events.md"));

        Assert.Equal(types, TypePattern().Matches(reference).Select(match => match.Groups[1].Value).Order());
    }

    [GeneratedRegex("^\\| `([a-z_]+\\.[a-z_]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex TypePattern();
}
