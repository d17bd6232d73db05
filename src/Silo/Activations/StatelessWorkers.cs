namespace Orleans.Runtime;

/// <summary>The activations of one stateless worker grain: more are made while all are busy, up to its limit.</summary>
internal sealed class StatelessWorkers(SiloRuntime silo, GrainId grainId, GrainClass grainClass) : IRequestTarget
{
    private readonly Lock _gate = new();
    private readonly List<Activation> _workers = [];

    public IEnumerable<Activation> Activations
    {
        get
        {
            lock (_gate)
            {
                return [.. _workers];
            }
        }
    }

    public bool TryReceive(GrainRequest request)
    {
        while (!Choose().TryReceive(request))
        {
            // It ended between the choice and the request: it has left the list, and another one is chosen.
        }

        return true;
    }

    private Activation Choose()
    {
        lock (_gate)
        {
            Activation? best = null;
            var bestLoad = int.MaxValue;
            foreach (var worker in _workers)
            {
                var load = worker.Load;
                if (load < bestLoad)
                {
                    (best, bestLoad) = (worker, load);
                }
            }

            if (best is null || (bestLoad > 0 && _workers.Count < grainClass.MaxWorkers))
            {
                best = new Activation(silo, grainId, grainClass, Remove);
                _workers.Add(best);
            }

            return best;
        }
    }

    private void Remove(Activation activation)
    {
        lock (_gate)
        {
            _workers.Remove(activation);
        }
    }
}
