namespace Orleans.Copying;

/// <summary>Copies arrays of one or several dimensions.</summary>
internal sealed class ArrayCopier : ReferenceCopier
{
    private readonly ObjectCopier? _element;

    private ArrayCopier(ObjectCopier? element)
    {
        _element = element;
    }

    public static ArrayCopier For(Type arrayType, Copiers copiers)
    {
        var element = arrayType.GetElementType()!;
        copiers.Validate(element);
        return new ArrayCopier(copiers.For(element));
    }

    protected override object CopyNew(object value, CopyContext context)
    {
        var original = (Array)value;
        var copy = (Array)original.Clone();
        context.Record(value, copy);
        if (_element is not null)
        {
            CopyElements(copy, context);
        }

        return copy;
    }

    private void CopyElements(Array copy, CopyContext context)
    {
        if (copy is object?[] vector)
        {
            for (var i = 0; i < vector.Length; i++)
            {
                if (vector[i] is { } item)
                {
                    vector[i] = _element!.Copy(item, context);
                }
            }

            return;
        }

        var index = new int[copy.Rank];
        for (var n = 0L; n < copy.LongLength; n++)
        {
            var rest = n;
            for (var d = copy.Rank - 1; d >= 0; d--)
            {
                index[d] = copy.GetLowerBound(d) + (int)(rest % copy.GetLength(d));
                rest /= copy.GetLength(d);
            }

            if (copy.GetValue(index) is { } item)
            {
                copy.SetValue(_element!.Copy(item, context), index);
            }
        }
    }
}
