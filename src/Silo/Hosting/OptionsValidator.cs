using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>Checks the times that the silo works by.</summary>
internal sealed class OptionsValidator(IOptions<GrainCollectionOptions> collection, IOptions<SiloMessagingOptions> messaging)
    : IConfigurationValidator
{
    public void ValidateConfiguration()
    {
        var quantum = collection.Value.CollectionQuantum;
        Require(quantum > TimeSpan.Zero, $"GrainCollectionOptions.CollectionQuantum is {quantum}: it must be above zero.");
        Require(
            collection.Value.CollectionAge > quantum,
            $"GrainCollectionOptions.CollectionAge is {collection.Value.CollectionAge}: it must be above CollectionQuantum, {quantum}.");
        foreach (var (name, age) in collection.Value.ClassSpecificCollectionAge)
        {
            Require(age > quantum, $"GrainCollectionOptions.ClassSpecificCollectionAge of {name} is {age}: it must be above CollectionQuantum, {quantum}.");
        }

        var timeout = messaging.Value.ResponseTimeout;
        Require(
            timeout > TimeSpan.Zero || timeout == Timeout.InfiniteTimeSpan,
            $"SiloMessagingOptions.ResponseTimeout is {timeout}: it must be above zero.");
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new OrleansConfigurationException(message);
        }
    }
}
