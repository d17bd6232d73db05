using System.Text.RegularExpressions;
using Fleet.Coordinator.Identity;
using Fleet.Coordinator.Reflection;
using Fleet.Testing;

namespace Fleet.Coordinator.Tests.Identity;

public sealed partial class RpcRolesTests
{
    [Fact]
    public void Table_AgainstServedMethods_NamesEachOnceAndNoOther()
    {
        var served = ReflectionSetup.Files
            .SelectMany(static file => file.Services)
            .SelectMany(static service => service.Methods.Select(method => $"/{service.FullName}/{method.Name}"));

        Assert.Equal(served.Order(StringComparer.Ordinal), RpcRoles.Table.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Table_AgainstCommentsOfTheProtos_SaysTheSame()
    {
        var checkedMethods = 0;
        foreach (var path in Directory.GetFiles(Path.Combine(Repository.Root, "proto", "fleet", "v1"), "*.proto"))
        {
            var text = File.ReadAllText(path);
            foreach (Match rpc in Rpc().Matches(text))
            {
                var comment = CommentLine().Replace(rpc.Groups["comment"].Value, " ");
                var service = Service().Matches(text).Last(match => match.Index < rpc.Index).Groups[1].Value;
                var method = $"/fleet.v1.{service}/{rpc.Groups["name"].Value}";
                Assert.True(
                    Role(comment) == RpcRoles.Table[method].Least,
                    $"{method}: the comment says{comment}, the table {RpcRoles.Table[method].Least}");
                checkedMethods++;
            }
        }

        Assert.Equal(RpcRoles.Table.Keys.Count(static key => key.StartsWith("/fleet.v1.", StringComparison.Ordinal)), checkedMethods);
    }

    [Fact]
    public void Table_MethodsThatOnlyRead_AreThoseWithoutAudit()
    {
        foreach (var (method, rule) in RpcRoles.Table)
        {
            var name = method[(method.LastIndexOf('/') + 1)..];
            var reads = Reads().IsMatch(name);
            Assert.True(reads != rule.Audited, $"{method}: reads {reads}, audited {rule.Audited}");
        }
    }

    private static LeastRole? Role(string comment)
    {
        if (LeastRoleText().Match(comment) is { Success: true } match)
        {
            return Enum.Parse<LeastRole>(match.Groups[1].Value, ignoreCase: true);
        }

        return comment.Contains("Needs no identity", StringComparison.Ordinal) ? LeastRole.Anonymous
            : comment.Contains("mutual TLS", StringComparison.Ordinal) ? LeastRole.Host
            : null;
    }

    [GeneratedRegex(@"(?<comment>(?:^ *//[^\n]*\n)+) *rpc (?<name>\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Rpc();

    [GeneratedRegex(@"\s*//\s*")]
    private static partial Regex CommentLine();

    [GeneratedRegex(@"^service (\w+) ", RegexOptions.Multiline)]
    private static partial Regex Service();

    [GeneratedRegex(@"Least role: (viewer|operator|admin)\.")]
    private static partial Regex LeastRoleText();

    [GeneratedRegex("^(Get|List|Query|Watch|WhoAmI|Check|Subscribe|Session|ServerReflectionInfo)")]
    private static partial Regex Reads();
}
