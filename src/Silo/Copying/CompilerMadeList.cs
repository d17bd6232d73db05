namespace Orleans.Copying;

/// <summary>
/// The classes that the C# compiler makes for collection expressions whose type is a read-only interface. Nobody can name them,
/// so what arrives is an array.
/// </summary>
internal static class CompilerMadeList
{
    /// <summary>What such a list holds; null for other types.</summary>
    public static Type? ElementOf(Type type) =>
        type is { IsGenericType: true, Namespace: null } && type.Name.StartsWith("<>z__ReadOnly", StringComparison.Ordinal)
            ? type.GenericTypeArguments[0]
            : null;

    public static ObjectCopier CopierFor(Type element, Copiers copiers)
    {
        copiers.Validate(element);
        return (ObjectCopier)Activator.CreateInstance(typeof(ToArrayCopier<>).MakeGenericType(element), copiers.For(element))!;
    }

    private sealed class ToArrayCopier<T>(ObjectCopier? element) : ReferenceCopier
    {
        protected override object CopyNew(object value, CopyContext context)
        {
            var array = ((IEnumerable<T>)value).ToArray();
            context.Record(value, array);
            for (var i = 0; element is not null && i < array.Length; i++)
            {
                array[i] = Elements.Copy(element, array[i], context);
            }

            return array;
        }
    }
}
