namespace Orleans.Copying;

/// <summary>Copies values of one type, deeply.</summary>
internal abstract class ObjectCopier
{
    public abstract object Copy(object value, CopyContext context);
}

/// <summary>Copies objects, each only once within one deep copy.</summary>
internal abstract class ReferenceCopier : ObjectCopier
{
    public sealed override object Copy(object value, CopyContext context) =>
        context.TryGet(value, out var copy) ? copy : CopyNew(value, context);

    /// <summary>Copies, and records the copy: before its contents, if these could lead back to it.</summary>
    protected abstract object CopyNew(object value, CopyContext context);
}

/// <summary>Copies by what the value is, whatever it was declared as.</summary>
internal sealed class RuntimeTypeCopier(Copiers copiers) : ObjectCopier
{
    public override object Copy(object value, CopyContext context) =>
        copiers.OfInstancesOf(value.GetType()) is { } copier ? copier.Copy(value, context) : value;
}
