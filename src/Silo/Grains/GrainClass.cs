using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;

namespace Orleans.Runtime;

/// <summary>What the silo knows of one grain class.</summary>
internal sealed class GrainClass
{
    private readonly ObjectFactory _construct;
    private readonly Func<Activation, object>[] _facets;
    private readonly IIncomingGrainCallFilter[] _filters;
    private readonly bool _filtersItself;

    public GrainClass(SiloRuntime silo, Type type, GrainType grainType)
    {
        RequireMarksOnInterfacesOnly(type);
        Type = type;
        GrainType = grainType;
        IsReentrant = type.IsDefined(typeof(ReentrantAttribute), inherit: true);
        if (type.GetCustomAttribute<StatelessWorkerAttribute>() is { } worker)
        {
            MaxWorkers = worker.MaxLocalWorkers > 0 ? worker.MaxLocalWorkers : Environment.ProcessorCount;
        }

        var stateless = MaxWorkers > 0;
        MaxEnqueuedRequests = stateless
            ? silo.Messaging.MaxEnqueuedRequestsHardLimit_StatelessWorker
            : silo.Messaging.MaxEnqueuedRequestsHardLimit;
        CollectionAge = silo.Collection.ClassSpecificCollectionAge.TryGetValue(type.FullName!, out var age) ? age
            : type.GetCustomAttribute<CollectionAgeLimitAttribute>()?.Amount ?? silo.Collection.CollectionAge;
        Interfaces = [.. type.GetInterfaces().Where(IsGrainInterface)];
        _filters = silo.IncomingFilters;
        _filtersItself = typeof(IIncomingGrainCallFilter).IsAssignableFrom(type);
        (_construct, _facets) = GrainConstructor.Compile(type);
    }

    public Type Type { get; }

    public GrainType GrainType { get; }

    /// <summary>The interfaces through which it can be called.</summary>
    public Type[] Interfaces { get; }

    public bool IsReentrant { get; }

    /// <summary>How many activations a stateless worker may have; 0 for other grains.</summary>
    public int MaxWorkers { get; }

    /// <summary>How many requests may wait; 0 for any number.</summary>
    public int MaxEnqueuedRequests { get; }

    /// <summary>How long an activation may be idle; <see cref="Timeout.InfiniteTimeSpan"/> forever.</summary>
    public TimeSpan CollectionAge { get; }

    public static bool IsGrainInterface(Type type) =>
        typeof(IGrain).IsAssignableFrom(type)
        && type != typeof(IGrain)
        && type != typeof(IGrainWithStringKey)
        && type != typeof(IGrainWithGuidKey)
        && type != typeof(IGrainWithIntegerKey);

    public object CreateInstance(Activation activation) =>
        _construct(activation.ActivationServices, [.. _facets.Select(f => f(activation))]);

    /// <summary>A mark on the class's method would be without effect (Orleans' rule ORLEANS0001).</summary>
    private static void RequireMarksOnInterfacesOnly(Type type)
    {
        foreach (var method in type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
        {
            foreach (var mark in new[] { typeof(AlwaysInterleaveAttribute), typeof(ReadOnlyAttribute), typeof(OneWayAttribute) })
            {
                if (method.IsDefined(mark, inherit: false))
                {
                    throw new OrleansConfigurationException(
                        $"{type.FullName}.{method.Name} has [{mark.Name.Replace("Attribute", string.Empty, StringComparison.Ordinal)}]: it belongs on the interface's method.");
                }
            }
        }
    }

    /// <summary>The silo's filters, and the grain's own after them.</summary>
    public IIncomingGrainCallFilter[] FiltersFor(object instance) =>
        _filtersItself ? [.. _filters, (IIncomingGrainCallFilter)instance] : _filters;
}
