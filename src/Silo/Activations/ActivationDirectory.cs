using System.Collections.Concurrent;

namespace Orleans.Runtime;

/// <summary>Every grain that is alive in this silo: at most one activation of each, stateless workers apart.</summary>
internal sealed class ActivationDirectory(SiloRuntime silo)
{
    private readonly ConcurrentDictionary<GrainId, IRequestTarget> _targets = new();

    public IEnumerable<Activation> Activations => _targets.Values.SelectMany(t => t.Activations);

    public IRequestTarget? Find(GrainId grainId) => _targets.GetValueOrDefault(grainId);

    /// <exception cref="ArgumentException">No grain class has that name.</exception>
    public IRequestTarget GetOrCreate(GrainId grainId) =>
        _targets.TryGetValue(grainId, out var target)
            ? target
            : _targets.GetOrAdd(grainId, static (id, self) => self.Create(id), this);

    private IRequestTarget Create(GrainId grainId)
    {
        var grainClass = silo.Grains.GetClass(grainId.Type);
        return grainClass.MaxWorkers > 0
            ? new StatelessWorkers(silo, grainId, grainClass)
            : new Activation(silo, grainId, grainClass, Remove);
    }

    private void Remove(Activation activation) => _targets.TryRemove(new(activation.GrainId, activation));
}
