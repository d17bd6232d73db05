using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;

namespace Orleans.Copying;

/// <summary>Immutable collections: shared if their elements are, else built anew from copies.</summary>
internal static class ImmutableCollections
{
    private static readonly FrozenDictionary<Type, string> Builders = new Dictionary<Type, string>
    {
        [typeof(ImmutableArray<>)] = nameof(Arrays),
        [typeof(ImmutableList<>)] = nameof(Lists),
        [typeof(ImmutableHashSet<>)] = nameof(Sets),
        [typeof(ImmutableSortedSet<>)] = nameof(SortedSets),
        [typeof(ImmutableQueue<>)] = nameof(Queues),
        [typeof(ImmutableStack<>)] = nameof(Stacks),
        [typeof(ImmutableDictionary<,>)] = nameof(Dictionaries),
        [typeof(ImmutableSortedDictionary<,>)] = nameof(SortedDictionaries),
    }.ToFrozenDictionary();

    private delegate object Build(object value, ObjectCopier?[] elements, CopyContext context);

    /// <summary>The types of the elements; null for types that are no immutable collection.</summary>
    public static Type[]? ElementsOf(Type type) =>
        type.IsGenericType && Builders.ContainsKey(type.GetGenericTypeDefinition()) ? type.GenericTypeArguments : null;

    public static ObjectCopier CopierFor(Type type, Copiers copiers)
    {
        foreach (var element in type.GenericTypeArguments)
        {
            copiers.Validate(element);
        }

        var build = typeof(ImmutableCollections)
            .GetMethod(Builders[type.GetGenericTypeDefinition()], BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(type.GenericTypeArguments)
            .CreateDelegate<Build>();
        return new Copier(build, [.. type.GenericTypeArguments.Select(copiers.For)]);
    }

#pragma warning disable CA1859 // All have the one signature that the delegate needs.
    private static object Arrays<T>(object value, ObjectCopier?[] elements, CopyContext context) =>
        (ImmutableArray<T>)value is { IsDefault: false } array
            ? ImmutableArray.CreateRange(array.Select(e => Elements.Copy(elements[0], e, context)))
            : value;

    private static object Lists<T>(object value, ObjectCopier?[] elements, CopyContext context) =>
        ImmutableList.CreateRange(((ImmutableList<T>)value).Select(e => Elements.Copy(elements[0], e, context)));

    private static object Sets<T>(object value, ObjectCopier?[] elements, CopyContext context) =>
        ImmutableHashSet.CreateRange(
            ((ImmutableHashSet<T>)value).KeyComparer,
            ((ImmutableHashSet<T>)value).Select(e => Elements.Copy(elements[0], e, context)));

    private static object SortedSets<T>(object value, ObjectCopier?[] elements, CopyContext context) =>
        ImmutableSortedSet.CreateRange(
            ((ImmutableSortedSet<T>)value).KeyComparer,
            ((ImmutableSortedSet<T>)value).Select(e => Elements.Copy(elements[0], e, context)));

    private static object Queues<T>(object value, ObjectCopier?[] elements, CopyContext context) =>
        ImmutableQueue.CreateRange(((ImmutableQueue<T>)value).Select(e => Elements.Copy(elements[0], e, context)));

    private static object Stacks<T>(object value, ObjectCopier?[] elements, CopyContext context) =>
        ImmutableStack.CreateRange(((ImmutableStack<T>)value).Reverse().Select(e => Elements.Copy(elements[0], e, context)));

    private static object Dictionaries<TKey, TValue>(object value, ObjectCopier?[] elements, CopyContext context)
        where TKey : notnull
    {
        var original = (ImmutableDictionary<TKey, TValue>)value;
        return original.Select(p => CopyPair(p, elements, context)).ToImmutableDictionary(original.KeyComparer, original.ValueComparer);
    }

    private static object SortedDictionaries<TKey, TValue>(object value, ObjectCopier?[] elements, CopyContext context)
        where TKey : notnull
    {
        var original = (ImmutableSortedDictionary<TKey, TValue>)value;
        return original.Select(p => CopyPair(p, elements, context)).ToImmutableSortedDictionary(original.KeyComparer, original.ValueComparer);
    }
#pragma warning restore CA1859

    private static KeyValuePair<TKey, TValue> CopyPair<TKey, TValue>(
        KeyValuePair<TKey, TValue> pair,
        ObjectCopier?[] elements,
        CopyContext context) =>
        new(Elements.Copy(elements[0], pair.Key, context), Elements.Copy(elements[1], pair.Value, context));

    private sealed class Copier(Build build, ObjectCopier?[] elements) : ObjectCopier
    {
        public override object Copy(object value, CopyContext context) => build(value, elements, context);
    }
}
