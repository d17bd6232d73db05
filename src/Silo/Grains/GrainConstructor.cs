using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Orleans.Runtime;

/// <summary>Finds out how a grain class is constructed: services come from the activation's scope, state from its storage.</summary>
internal static class GrainConstructor
{
    /// <exception cref="OrleansConfigurationException">A parameter is marked as state and has another type.</exception>
    public static (ObjectFactory Construct, Func<Activation, object>[] Facets) Compile(Type type)
    {
        var constructors = type.GetConstructors(BindingFlags.Instance | BindingFlags.Public);
        var constructor = constructors.FirstOrDefault(c => c.IsDefined(typeof(ActivatorUtilitiesConstructorAttribute)))
            ?? constructors.MaxBy(c => c.GetParameters().Length)
            ?? throw new OrleansConfigurationException($"Grain class {type.FullName} has no public constructor.");
        var states = constructor.GetParameters()
            .Select(p => (Parameter: p, State: p.GetCustomAttribute<PersistentStateAttribute>()))
            .Where(p => p.State is not null)
            .ToArray();
        var facets = states.Select(p => PersistentStates.FactoryFor(p.Parameter, p.State!)).ToArray();
        return (ActivatorUtilities.CreateFactory(type, [.. states.Select(p => p.Parameter.ParameterType)]), facets);
    }
}
