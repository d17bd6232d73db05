using System.Reflection;
using Fleet.Coordinator.Hosting;
using Fleet.Testing;

namespace Fleet.Coordinator.Tests.Grains;

/// <summary>
/// What silos of different versions say to each other. Names and numbers stay: add new ones, and write the file anew with what this test
/// prints.
/// </summary>
public sealed class GrainContractsTests
{
    private static readonly string Path = System.IO.Path.Combine(
        Repository.Root, "tests", "Coordinator.Tests", "Grains", "grain-contracts.txt");

    [Fact]
    public async Task Contracts_AgainstTheCommittedList_AreTheSame()
    {
        var now = string.Concat(Contracts().Select(static line => line + "\n"));
        var committed = await File.ReadAllTextAsync(Path);
        Assert.True(committed == now, $"what silos say to each other has changed; now it is:\n{now}");
    }

    [Fact]
    public void EveryContract_HasANameOfItsOwn()
    {
        foreach (var type in Types().Where(static type => IsContract(type) || type.IsDefined(typeof(GenerateSerializerAttribute))))
        {
            Assert.True(type.IsDefined(typeof(AliasAttribute)), $"{type.Name} has no [Alias]");
            Assert.All(type.IsInterface ? type.GetMethods() : [], method =>
                Assert.True(method.IsDefined(typeof(AliasAttribute)), $"{type.Name}.{method.Name} has no [Alias]"));
        }

        Assert.All(Types().Where(static type => type.IsSubclassOf(typeof(Grain))), static type =>
            Assert.True(type.IsDefined(typeof(GrainTypeAttribute)), $"{type.Name} has no [GrainType]"));
    }

    private static IEnumerable<string> Contracts()
    {
        foreach (var type in Types().Where(static type => type.IsSubclassOf(typeof(Grain))))
        {
            yield return $"grain {type.GetCustomAttributesData().Single(static a => a.AttributeType == typeof(GrainTypeAttribute)).ConstructorArguments[0].Value}: "
                + string.Join(", ", type.GetInterfaces().Where(IsContract).Select(AliasOf));
        }

        foreach (var type in Types().Where(IsContract))
        {
            yield return $"interface {AliasOf(type)}";
            foreach (var method in type.GetMethods().OrderBy(static method => AliasOf(method), StringComparer.Ordinal))
            {
                yield return $"  {AliasOf(method)}({string.Join(", ", method.GetParameters().Select(static p => Describe(p.ParameterType)))}): {Describe(method.ReturnType)}";
            }
        }

        foreach (var type in Types().Where(static type => type.IsDefined(typeof(GenerateSerializerAttribute))))
        {
            yield return $"record {AliasOf(type)}";
            foreach (var (id, property) in type.GetProperties()
                .Where(static property => property.IsDefined(typeof(IdAttribute)))
                .Select(static property => (property.GetCustomAttribute<IdAttribute>()!.Id, property))
                .OrderBy(static pair => pair.Id))
            {
                yield return $"  {id} {property.Name}: {Describe(property.PropertyType)}";
            }
        }
    }

    /// <summary>Of the coordinator's own code, without what Orleans generates, ordered by alias or name.</summary>
    private static IEnumerable<Type> Types() => typeof(CoordinatorApp).Assembly.GetTypes()
        .Where(static type => type.Namespace?.StartsWith("Fleet.", StringComparison.Ordinal) == true)
        .OrderBy(static type => type.Name, StringComparer.Ordinal);

    private static bool IsContract(Type type) =>
        type.IsInterface && type.Namespace?.StartsWith("Fleet.", StringComparison.Ordinal) == true
        && (typeof(IGrain).IsAssignableFrom(type) || typeof(IGrainObserver).IsAssignableFrom(type));

    private static string AliasOf(MemberInfo member) =>
        (string?)
            member
                .GetCustomAttributesData()
                .FirstOrDefault(static a => a.AttributeType == typeof(AliasAttribute))
                ?.ConstructorArguments[0]
                .Value
        ?? "(none)";

    private static string Describe(Type type) =>
        type.IsGenericType ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Describe))}>"
        : type.IsDefined(typeof(AliasAttribute)) ? AliasOf(type)
        : type.Name;
}
