using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>Ends activations that nobody has used for their collection age, once every collection quantum.</summary>
internal sealed partial class IdleCollector(SiloRuntime silo) : IDisposable
{
    private ITimer? _timer;

    public void Start()
    {
        var quantum = silo.Collection.CollectionQuantum;
        using (ExecutionContext.SuppressFlow())
        {
            _timer = silo.Time.CreateTimer(static self => ((IdleCollector)self!).Collect(), this, quantum, quantum);
        }
    }

    public void Dispose() => _timer?.Dispose();

    private void Collect()
    {
        var now = silo.Time.GetTimestamp();
        var count = 0;
        foreach (var activation in silo.Directory.Activations)
        {
            if (activation.IsIdleSince(now))
            {
                count++;
                activation.Deactivate(new(
                    DeactivationReasonCode.ActivationIdle,
                    $"Activation exceeded idle timeout of {activation.Class.CollectionAge}"));
            }
        }

        if (count > 0)
        {
            Log.Collected(silo.Logger, count);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Debug, Message = "Deactivating {Count} idle activations")]
        public static partial void Collected(ILogger logger, int count);
    }
}
