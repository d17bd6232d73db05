using System.Reflection;
using Orleans.Copying;

namespace Orleans.Runtime;

/// <summary>A grain or observer interface, checked against the rules that calls depend on, and made callable.</summary>
internal sealed class InterfaceDescriptor
{
    private readonly Func<GrainReferenceShared, IdSpan, GrainReference> _create;

    /// <exception cref="OrleansConfigurationException">The interface breaks a rule: the message names member and type.</exception>
    public InterfaceDescriptor(Type type, Copiers copiers)
    {
        if (!type.IsInterface || type.ContainsGenericParameters)
        {
            throw new OrleansConfigurationException($"{type} is not a grain interface that can be called: it must be an interface without open type parameters.");
        }

        for (var outer = type; outer is not null; outer = outer.DeclaringType)
        {
            if (outer.IsNestedPrivate || outer.IsNestedFamily || outer.IsNestedFamANDAssem)
            {
                throw new OrleansConfigurationException($"{type} is private: Orleans' generated code could not get at it. Make it internal or public.");
            }
        }

        Type = type;
        Id = GrainInterfaceType.Create(type.GetCustomAttributes<AliasAttribute>().FirstOrDefault()?.Alias ?? type.FullName!);
        var methods = type.GetInterfaces().Prepend(type).SelectMany(i => i.GetMethods()).Where(m => !m.IsStatic).ToArray();
        foreach (var method in methods)
        {
            InterfaceRules.Check(type, method, copiers);
        }

        Methods = [.. methods.Select(m => new MethodDescriptor(type, Id, m, copiers))];
        _create = ReferenceEmitter.Emit(type, methods);
    }

    public Type Type { get; }

    public GrainInterfaceType Id { get; }

    public MethodDescriptor[] Methods { get; }

    public GrainReference Create(GrainReferenceShared shared, IdSpan key) => _create(shared, key);
}
