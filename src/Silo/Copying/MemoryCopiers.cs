namespace Orleans.Copying;

internal sealed class ReadOnlyMemoryCopier<T>(ObjectCopier? element) : ObjectCopier
{
    public override object Copy(object value, CopyContext context)
    {
        var copy = ((ReadOnlyMemory<T>)value).ToArray();
        for (var i = 0; element is not null && i < copy.Length; i++)
        {
            copy[i] = Elements.Copy(element, copy[i], context);
        }

        return new ReadOnlyMemory<T>(copy);
    }
}

internal sealed class MemoryCopier<T>(ObjectCopier? element) : ObjectCopier
{
    public override object Copy(object value, CopyContext context)
    {
        var copy = ((Memory<T>)value).ToArray();
        for (var i = 0; element is not null && i < copy.Length; i++)
        {
            copy[i] = Elements.Copy(element, copy[i], context);
        }

        return new Memory<T>(copy);
    }
}

internal sealed class ArraySegmentCopier<T>(ObjectCopier? element) : ObjectCopier
{
    public override object Copy(object value, CopyContext context)
    {
        var copy = ((ArraySegment<T>)value) is { Array: not null } segment ? segment.ToArray() : [];
        for (var i = 0; element is not null && i < copy.Length; i++)
        {
            copy[i] = Elements.Copy(element, copy[i], context);
        }

        return new ArraySegment<T>(copy);
    }
}
