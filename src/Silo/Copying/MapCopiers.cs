using System.Collections.Concurrent;
using System.Collections.ObjectModel;

namespace Orleans.Copying;

internal sealed class DictionaryCopier<TKey, TValue>(ObjectCopier? key, ObjectCopier? value) : ReferenceCopier
    where TKey : notnull
{
    protected override object CopyNew(object original, CopyContext context)
    {
        var source = (Dictionary<TKey, TValue>)original;
        var copy = new Dictionary<TKey, TValue>(source.Count, source.Comparer);
        context.Record(original, copy);
        foreach (var (itemKey, itemValue) in source)
        {
            copy[Elements.Copy(key, itemKey, context)] = Elements.Copy(value, itemValue, context);
        }

        return copy;
    }
}

internal sealed class SortedDictionaryCopier<TKey, TValue>(ObjectCopier? key, ObjectCopier? value) : ReferenceCopier
    where TKey : notnull
{
    protected override object CopyNew(object original, CopyContext context)
    {
        var source = (SortedDictionary<TKey, TValue>)original;
        var copy = new SortedDictionary<TKey, TValue>(source.Comparer);
        context.Record(original, copy);
        foreach (var (itemKey, itemValue) in source)
        {
            copy[Elements.Copy(key, itemKey, context)] = Elements.Copy(value, itemValue, context);
        }

        return copy;
    }
}

internal sealed class SortedListCopier<TKey, TValue>(ObjectCopier? key, ObjectCopier? value) : ReferenceCopier
    where TKey : notnull
{
    protected override object CopyNew(object original, CopyContext context)
    {
        var source = (SortedList<TKey, TValue>)original;
        var copy = new SortedList<TKey, TValue>(source.Count, source.Comparer);
        context.Record(original, copy);
        foreach (var (itemKey, itemValue) in source)
        {
            copy[Elements.Copy(key, itemKey, context)] = Elements.Copy(value, itemValue, context);
        }

        return copy;
    }
}

internal sealed class ConcurrentDictionaryCopier<TKey, TValue>(ObjectCopier? key, ObjectCopier? value) : ReferenceCopier
    where TKey : notnull
{
    protected override object CopyNew(object original, CopyContext context)
    {
        var source = (ConcurrentDictionary<TKey, TValue>)original;
        var copy = new ConcurrentDictionary<TKey, TValue>(source.Comparer);
        context.Record(original, copy);
        foreach (var (itemKey, itemValue) in source)
        {
            copy[Elements.Copy(key, itemKey, context)] = Elements.Copy(value, itemValue, context);
        }

        return copy;
    }
}

internal sealed class ReadOnlyDictionaryCopier<TKey, TValue>(ObjectCopier? key, ObjectCopier? value) : ReferenceCopier
    where TKey : notnull
{
    protected override object CopyNew(object original, CopyContext context)
    {
        var items = new Dictionary<TKey, TValue>();
        var copy = new ReadOnlyDictionary<TKey, TValue>(items);
        context.Record(original, copy);
        foreach (var (itemKey, itemValue) in (ReadOnlyDictionary<TKey, TValue>)original)
        {
            items[Elements.Copy(key, itemKey, context)] = Elements.Copy(value, itemValue, context);
        }

        return copy;
    }
}
