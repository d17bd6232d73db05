using Orleans.Runtime;

namespace Orleans;

/// <summary>Identity and references, for grains and for references alike.</summary>
public static class GrainExtensions
{
    /// <summary>Which grain or observer this is.</summary>
    public static GrainId GetGrainId(this IAddressable grain) => grain switch
    {
        GrainReference reference => reference.GrainId,
        IGrainBase { GrainContext: { } context } => context.GrainId,
        null => throw new ArgumentNullException(nameof(grain)),
        _ => throw new ArgumentException("Not a grain, nor a reference to one: its identity is not known.", nameof(grain)),
    };

    /// <summary>The key of a grain that is named by a text.</summary>
    public static string GetPrimaryKeyString(this IAddressable grain) => grain.GetGrainId().Key.ToString();

    /// <summary>The key of a grain that is named by a GUID.</summary>
    public static Guid GetPrimaryKey(this IAddressable grain) => GrainIdKeyExtensions.GetGuidKey(grain.GetGrainId());

    /// <summary>The key of a grain that is named by an integer.</summary>
    public static long GetPrimaryKeyLong(this IAddressable grain) => GrainIdKeyExtensions.GetIntegerKey(grain.GetGrainId());

    /// <summary>A reference to this grain through one of its interfaces: what a grain gives away in place of itself.</summary>
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) => (TGrainInterface)AsReference(grain, typeof(TGrainInterface));

    /// <inheritdoc cref="AsReference{TGrainInterface}(IAddressable)"/>
    public static object AsReference(this IAddressable grain, Type interfaceType)
    {
        ArgumentNullException.ThrowIfNull(interfaceType);
        return grain switch
        {
            GrainReference reference => reference.Shared.References.Create(reference.GrainId, interfaceType),
            IGrainBase { GrainContext: { } context } => context.GrainReference.Shared.References.Create(context.GrainId, interfaceType),
            null => throw new ArgumentNullException(nameof(grain)),
            _ => throw new ArgumentException(
                "Not a grain, nor a reference to one. A reference to an observer is made with CreateObjectReference.",
                nameof(grain)),
        };
    }

    /// <summary>The same grain through another of its interfaces.</summary>
    public static TGrainInterface Cast<TGrainInterface>(this IAddressable grain) => grain.AsReference<TGrainInterface>();

    /// <summary>The same grain through another of its interfaces.</summary>
    public static object Cast(this IAddressable grain, Type interfaceType) => grain.AsReference(interfaceType);
}
