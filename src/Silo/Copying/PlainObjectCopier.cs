namespace Orleans.Copying;

/// <summary>A bare <see cref="object"/>, which has nothing but its identity.</summary>
internal sealed class PlainObjectCopier : ReferenceCopier
{
    protected override object CopyNew(object value, CopyContext context)
    {
        var copy = new object();
        context.Record(value, copy);
        return copy;
    }
}
