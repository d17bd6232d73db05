using Orleans.Runtime;
using Orleans.Serialization;

namespace Orleans.Copying;

/// <summary>Shares references. A grain that passes itself is turned into a reference to it.</summary>
internal sealed class GrainReferenceCopier(Type interfaceType) : ObjectCopier
{
    public override object Copy(object value, CopyContext context) => value switch
    {
        GrainReference => value,
        IGrainBase grain => ((IAddressable)grain).AsReference(interfaceType),
        _ => throw new CodecNotFoundException(
            $"{value.GetType()} is an object, not a reference to one: pass what CreateObjectReference<{interfaceType.Name}> returns."),
    };
}
