using System.Collections.Concurrent;
using Orleans.Copying;

namespace Orleans.Runtime;

/// <summary>Makes references, and keeps what is known of each interface.</summary>
internal sealed class References(SiloRuntime silo, Copiers copiers)
{
    private readonly ConcurrentDictionary<Type, InterfaceDescriptor> _interfaces = new();
    private readonly ConcurrentDictionary<(Type Interface, GrainType Grain), GrainReferenceShared> _shared = new();

    public SiloRuntime Silo => silo;

    /// <exception cref="OrleansConfigurationException">The interface breaks a rule.</exception>
    public InterfaceDescriptor Describe(Type interfaceType) =>
        _interfaces.GetOrAdd(interfaceType, static (type, copiers) => new InterfaceDescriptor(type, copiers), copiers);

    public GrainReference Create(GrainId grainId, Type interfaceType)
    {
        // Without a method of its own there is nothing to call: such a reference only carries the identity.
        if (interfaceType == typeof(IAddressable) || interfaceType == typeof(GrainReference))
        {
            return new GrainReference(new GrainReferenceShared(this, grainId.Type), grainId.Key);
        }

        var shared = _shared.GetOrAdd(
            (interfaceType, grainId.Type),
            static (key, self) => new GrainReferenceShared(self, key.Grain, self.Describe(key.Interface)),
            this);
        return shared.Interface!.Create(shared, grainId.Key);
    }
}
