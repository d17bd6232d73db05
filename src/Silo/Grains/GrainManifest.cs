using System.Reflection;

namespace Orleans.Runtime;

/// <summary>Every grain class of the application, by name and by interface.</summary>
internal sealed class GrainManifest
{
    private readonly Dictionary<GrainType, GrainClass> _byType = [];
    private readonly Dictionary<Type, List<GrainClass>> _byInterface = [];

    /// <exception cref="OrleansConfigurationException">Two classes have the same name, or a class cannot be a grain.</exception>
    public GrainManifest(SiloRuntime silo, IEnumerable<Assembly> assemblies)
    {
        foreach (var type in assemblies.SelectMany(LoadableTypes).Where(IsGrainClass))
        {
            if (type.ContainsGenericParameters)
            {
                throw new OrleansConfigurationException($"Grain class {type.FullName} is generic: generic grains are not part of this subset.");
            }

            var grainClass = new GrainClass(silo, type, NameOf(type));
            if (!_byType.TryAdd(grainClass.GrainType, grainClass))
            {
                throw new OrleansConfigurationException(
                    $"Grain classes {_byType[grainClass.GrainType].Type.FullName} and {type.FullName} have the same name "
                    + $"\"{grainClass.GrainType}\": give one of them another with [GrainType(\"…\")].");
            }

            foreach (var grainInterface in grainClass.Interfaces)
            {
                if (!_byInterface.TryGetValue(grainInterface, out var classes))
                {
                    _byInterface.Add(grainInterface, classes = []);
                }

                classes.Add(grainClass);
            }
        }
    }

    public IEnumerable<GrainClass> Classes => _byType.Values;

    public IEnumerable<Type> Interfaces => _byInterface.Keys;

    /// <exception cref="ArgumentException">There is no such class.</exception>
    public GrainClass GetClass(GrainType grainType) =>
        _byType.TryGetValue(grainType, out var grainClass)
            ? grainClass
            : throw new ArgumentException($"Could not find an implementation for grain type \"{grainType}\".", nameof(grainType));

    /// <summary>Which class serves an interface.</summary>
    /// <exception cref="ArgumentException">None does, or it is not clear which.</exception>
    public GrainType Resolve(Type grainInterface, string? classNamePrefix)
    {
        if (!_byInterface.TryGetValue(grainInterface, out var classes))
        {
            throw new ArgumentException($"Could not find an implementation for interface {grainInterface.FullName}", nameof(grainInterface));
        }

        var matching = string.IsNullOrWhiteSpace(classNamePrefix)
            ? classes
            : classes.FindAll(c => c.Type.FullName!.StartsWith(classNamePrefix, StringComparison.Ordinal));
        if (matching.Count > 1 && matching.Find(c => grainInterface.Name == "I" + c.Type.Name) is { } namesake)
        {
            return namesake.GrainType;
        }

        return matching.Count switch
        {
            1 => matching[0].GrainType,
            0 => throw new ArgumentException(
                $"Could not find an implementation matching prefix \"{classNamePrefix}\" for interface {grainInterface.FullName}",
                nameof(classNamePrefix)),
            _ => throw new ArgumentException(
                $"Unable to identify a single appropriate grain type for interface {grainInterface.FullName}. Candidates: "
                + string.Join(", ", matching.Select(c => $"{c.GrainType} ({c.Type.FullName})")),
                nameof(grainInterface)),
        };
    }

    /// <summary>The application's assemblies that use grains: those loaded, and those that they reference.</summary>
    public static IReadOnlyCollection<Assembly> ApplicationAssemblies()
    {
        var own = typeof(GrainManifest).Assembly.GetName().Name;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var found = new List<Assembly>();
        var open = new Queue<Assembly>(AppDomain.CurrentDomain.GetAssemblies());
        if (Assembly.GetEntryAssembly() is { } entry)
        {
            open.Enqueue(entry);
        }

        while (open.TryDequeue(out var assembly))
        {
            if (assembly.IsDynamic || assembly.GetName().Name is not { } name || !seen.Add(name))
            {
                continue;
            }

            var references = assembly.GetReferencedAssemblies();
            if (references.Any(r => r.Name == own))
            {
                found.Add(assembly);
            }

            foreach (var reference in references.Where(r => !seen.Contains(r.Name!) && !IsFramework(r.Name!)))
            {
                try
                {
                    open.Enqueue(Assembly.Load(reference));
                }
                catch (Exception exception) when (exception is FileNotFoundException or FileLoadException or BadImageFormatException)
                {
                    // Not deployed: whatever it would have held cannot run anyway.
                }
            }
        }

        return found;
    }

    private static bool IsFramework(string name) =>
        name.StartsWith("System", StringComparison.Ordinal)
        || name.StartsWith("Microsoft.", StringComparison.Ordinal)
        || name is "netstandard" or "mscorlib";

    private static IEnumerable<Type> LoadableTypes(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException exception)
        {
            return exception.Types.OfType<Type>();
        }
    }

    private static bool IsGrainClass(Type type) =>
        type is { IsClass: true, IsAbstract: false }
        && typeof(IGrain).IsAssignableFrom(type)
        && !typeof(GrainReference).IsAssignableFrom(type)
        && (typeof(IGrainBase).IsAssignableFrom(type) || type.GetInterfaces().Any(GrainClass.IsGrainInterface));

    private static GrainType NameOf(Type type)
    {
        if (type.GetCustomAttribute<GrainTypeAttribute>() is { } named)
        {
            return GrainType.Create(named.Name);
        }

        // "HostGrain" is "host", as in Orleans.
#pragma warning disable CA1308 // The name is lower case because Orleans' is.
        var name = type.Name.ToLowerInvariant();
#pragma warning restore CA1308
        return GrainType.Create(name.Length > 5 && name.EndsWith("grain", StringComparison.Ordinal) ? name[..^5] : name);
    }
}
