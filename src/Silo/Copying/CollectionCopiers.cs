using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.ObjectModel;

namespace Orleans.Copying;

/// <summary>The framework's collections. A copy is filled anew and keeps its original's comparer.</summary>
internal static class CollectionCopiers
{
    private static readonly FrozenDictionary<Type, Type> Known = new Dictionary<Type, Type>
    {
        [typeof(List<>)] = typeof(ListCopier<>),
        [typeof(HashSet<>)] = typeof(HashSetCopier<>),
        [typeof(SortedSet<>)] = typeof(SortedSetCopier<>),
        [typeof(Queue<>)] = typeof(QueueCopier<>),
        [typeof(Stack<>)] = typeof(StackCopier<>),
        [typeof(LinkedList<>)] = typeof(LinkedListCopier<>),
        [typeof(Collection<>)] = typeof(CollectionCopier<>),
        [typeof(ReadOnlyCollection<>)] = typeof(ReadOnlyCollectionCopier<>),
        [typeof(ConcurrentQueue<>)] = typeof(ConcurrentQueueCopier<>),
        [typeof(Dictionary<,>)] = typeof(DictionaryCopier<,>),
        [typeof(SortedDictionary<,>)] = typeof(SortedDictionaryCopier<,>),
        [typeof(SortedList<,>)] = typeof(SortedListCopier<,>),
        [typeof(ConcurrentDictionary<,>)] = typeof(ConcurrentDictionaryCopier<,>),
        [typeof(ReadOnlyDictionary<,>)] = typeof(ReadOnlyDictionaryCopier<,>),
        [typeof(ReadOnlyMemory<>)] = typeof(ReadOnlyMemoryCopier<>),
        [typeof(Memory<>)] = typeof(MemoryCopier<>),
        [typeof(ArraySegment<>)] = typeof(ArraySegmentCopier<>),
    }.ToFrozenDictionary();

    public static bool IsKnown(Type type) => type.IsGenericType && Known.ContainsKey(type.GetGenericTypeDefinition());

    public static ObjectCopier CopierFor(Type type, Copiers copiers)
    {
        var arguments = type.GenericTypeArguments;
        foreach (var argument in arguments)
        {
            copiers.Validate(argument);
        }

        return (ObjectCopier)Activator.CreateInstance(
            Known[type.GetGenericTypeDefinition()].MakeGenericType(arguments),
            [.. arguments.Select(copiers.For)])!;
    }
}
