using Orleans.Runtime;

namespace Orleans;

internal sealed class GrainFactory(SiloRuntime silo) : IGrainFactory
{
    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentNullException.ThrowIfNull(primaryKey);
        if (string.IsNullOrWhiteSpace(primaryKey))
        {
            throw new ArgumentException("A grain's key is not empty and not only white space.", nameof(primaryKey));
        }

        return Make<TGrainInterface>(IdSpan.Create(primaryKey), grainClassNamePrefix);
    }

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey =>
        Make<TGrainInterface>(GrainIdKeyExtensions.CreateGuidKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey =>
        Make<TGrainInterface>(GrainIdKeyExtensions.CreateIntegerKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable => (TGrainInterface)(object)silo.References.Create(grainId, typeof(TGrainInterface));

    public IAddressable GetGrain(GrainId grainId) => silo.References.Create(grainId, typeof(IAddressable));

    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey)
    {
        ArgumentNullException.ThrowIfNull(grainPrimaryKey);
        var grainType = silo.Grains.Resolve(grainInterfaceType, null);
        return (IGrain)(object)silo.References.Create(GrainId.Create(grainType, grainPrimaryKey), grainInterfaceType);
    }

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver =>
        (TGrainObserverInterface)(object)silo.References.Create(silo.Observers.Add(obj, typeof(TGrainObserverInterface)), typeof(TGrainObserverInterface));

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        if (obj is not GrainReference reference || !silo.Observers.Remove(reference.GrainId))
        {
            throw new ArgumentException("Reference is not associated with a local object.", nameof(obj));
        }
    }

    private TGrainInterface Make<TGrainInterface>(IdSpan key, string? grainClassNamePrefix)
    {
        var grainType = silo.Grains.Resolve(typeof(TGrainInterface), grainClassNamePrefix);
        return (TGrainInterface)(object)silo.References.Create(new GrainId(grainType, key), typeof(TGrainInterface));
    }
}
