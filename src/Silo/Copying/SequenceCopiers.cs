using System.Collections.Concurrent;
using System.Collections.ObjectModel;

namespace Orleans.Copying;

internal sealed class ListCopier<T>(ObjectCopier? element) : ReferenceCopier
{
    protected override object CopyNew(object original, CopyContext context)
    {
        var source = (List<T>)original;
        if (element is null)
        {
            var same = new List<T>(source);
            context.Record(original, same);
            return same;
        }

        var copy = new List<T>(source.Count);
        context.Record(original, copy);
        foreach (var item in source)
        {
            copy.Add(Elements.Copy(element, item, context));
        }

        return copy;
    }
}

internal sealed class HashSetCopier<T>(ObjectCopier? element) : ReferenceCopier
{
    protected override object CopyNew(object original, CopyContext context)
    {
        var source = (HashSet<T>)original;
        var copy = new HashSet<T>(source.Count, source.Comparer);
        context.Record(original, copy);
        foreach (var item in source)
        {
            copy.Add(Elements.Copy(element, item, context));
        }

        return copy;
    }
}

internal sealed class SortedSetCopier<T>(ObjectCopier? element) : ReferenceCopier
{
    protected override object CopyNew(object original, CopyContext context)
    {
        var source = (SortedSet<T>)original;
        var copy = new SortedSet<T>(source.Comparer);
        context.Record(original, copy);
        foreach (var item in source)
        {
            copy.Add(Elements.Copy(element, item, context));
        }

        return copy;
    }
}

internal sealed class QueueCopier<T>(ObjectCopier? element) : ReferenceCopier
{
    protected override object CopyNew(object original, CopyContext context)
    {
        var source = (Queue<T>)original;
        var copy = new Queue<T>(source.Count);
        context.Record(original, copy);
        foreach (var item in source)
        {
            copy.Enqueue(Elements.Copy(element, item, context));
        }

        return copy;
    }
}

internal sealed class StackCopier<T>(ObjectCopier? element) : ReferenceCopier
{
    protected override object CopyNew(object original, CopyContext context)
    {
        var source = (Stack<T>)original;
        var copy = new Stack<T>(source.Count);
        context.Record(original, copy);
        foreach (var item in source.Reverse())
        {
            copy.Push(Elements.Copy(element, item, context));
        }

        return copy;
    }
}

internal sealed class LinkedListCopier<T>(ObjectCopier? element) : ReferenceCopier
{
    protected override object CopyNew(object original, CopyContext context)
    {
        var source = (LinkedList<T>)original;
        var copy = new LinkedList<T>();
        context.Record(original, copy);
        foreach (var item in source)
        {
            copy.AddLast(Elements.Copy(element, item, context));
        }

        return copy;
    }
}

internal sealed class CollectionCopier<T>(ObjectCopier? element) : ReferenceCopier
{
    protected override object CopyNew(object original, CopyContext context)
    {
        var source = (Collection<T>)original;
        var copy = new Collection<T>();
        context.Record(original, copy);
        foreach (var item in source)
        {
            copy.Add(Elements.Copy(element, item, context));
        }

        return copy;
    }
}

internal sealed class ConcurrentQueueCopier<T>(ObjectCopier? element) : ReferenceCopier
{
    protected override object CopyNew(object original, CopyContext context)
    {
        var source = (ConcurrentQueue<T>)original;
        var copy = new ConcurrentQueue<T>();
        context.Record(original, copy);
        foreach (var item in source)
        {
            copy.Enqueue(Elements.Copy(element, item, context));
        }

        return copy;
    }
}

internal sealed class ReadOnlyCollectionCopier<T>(ObjectCopier? element) : ReferenceCopier
{
    protected override object CopyNew(object original, CopyContext context)
    {
        var items = new List<T>();
        var copy = new ReadOnlyCollection<T>(items);
        context.Record(original, copy);
        foreach (var item in (ReadOnlyCollection<T>)original)
        {
            items.Add(Elements.Copy(element, item, context));
        }

        return copy;
    }
}
